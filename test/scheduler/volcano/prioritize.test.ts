import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { binpackWeights, defaultConfig } from '../../../src/config/config.ts';
import { namespacedName } from '../../../src/domain/fleet/namespaced-name.ts';
import { parseResources } from '../../../src/domain/resources/resource-list.ts';
import { prioritizeTask } from '../../../src/scheduler/volcano/prioritize.ts';
import { configOf } from '../../admission/webhook.ts';
import { fleetOf, marked, nodeOf, podOf, servingGroup } from '../../builders/fleet.ts';
import { serving } from '../../builders/workload.ts';
import { byName, prioritized, scoresOf } from '../extender-bodies.ts';
import { askedFor, recorded, recordedNodes } from './volcano-bodies.ts';

const weights = binpackWeights(defaultConfig);
const preferences = { ...defaultConfig.scheduler, targetSet: [] };
const empty = fleetOf(
  [],
  [],
  ['n0', 'n1', 'n2'].map((name) => nodeOf(name)),
);
const llama = serving(2, { prefill: 1, decode: 2 });
/** To four digits, as Volcano logs them. */
const scores = (body: unknown, fleet = empty, rest: object = {}, weighed = weights) =>
  Object.fromEntries(
    Object.entries(prioritizeTask(body, fleet, weighed, { ...preferences, ...rest }).nodeScore).map(([node, score]) => [
      node,
      Math.round(score * 10_000) / 10_000,
    ]),
  );

describe('Volcano’s prioritize', () => {
  it('gives the scores of the plugin binpack, from what the session says is in use', () => {
    // 100 · (4/64 + 32/512 + 5 · 1/8) / 7, and on n1 (12/64 + 96/512 + 5 · 3/8) / 7.
    assert.deepEqual(scores(recorded('prioritize')), { n0: 10.7143, n1: 32.1429, n2: 10.7143 });
  });

  it('answers, byte for byte, what the plugin reads', () => {
    const full = { MilliCPU: 4000, Memory: 34359738368, ScalarResources: { 'nvidia.com/gpu': 1000 } };
    const nodes = [{ Name: 'n9', Used: null, Allocatable: full }];
    const answer = prioritizeTask({ ...recorded('prioritize'), nodes }, empty, weights, preferences);
    assert.equal(JSON.stringify(answer), '{"nodeScore":{"n9":100},"errorMessage":""}');
  });

  it('never answers without a list of scores, which would leave the pod pending', () => {
    for (const nodes of [[], null]) {
      const answer = prioritizeTask({ ...recorded('prioritize'), nodes }, empty, weights, preferences);
      assert.equal(JSON.stringify(answer), '{"nodeScore":{},"errorMessage":""}');
    }
  });

  it('takes Volcano’s own arguments: the weight multiplies, and what is not listed does not count', () => {
    const text =
      'binpack: {binpack.weight: 10, binpack.resources: nvidia.com/gpu, binpack.resources.nvidia.com/gpu: 2}';
    const volcano = binpackWeights(configOf(text));
    // 10 · 100 · (12/64 + 96/512 + 2 · 3/8) / 4.
    assert.equal(scores(recorded('prioritize'), empty, {}, volcano).n1, 281.25);
  });

  it('gives 0 to a node that a scale-down is freeing', () => {
    const fleet = fleetOf(
      servingGroup(llama, 0, () => ({ node: 'n1', ...marked(0, 'llama-0') })),
      [llama],
    );
    assert.deepEqual(scores(recorded('prioritize'), fleet), { n0: 10.7143, n1: 0, n2: 10.7143 });
  });

  it('brings the pods of a group together, as for kube-scheduler', () => {
    const [next, ...placed] = servingGroup(llama, 0, ({ role }) => ({ node: role === 'prefill' ? null : 'n2' }));
    const fleet = fleetOf([...placed, podOf('other', { node: 'n1' })], [llama], [nodeOf('n0')]);
    const { name, labels, controller } = next ?? podOf('none');
    const metadata = { name, uid: 'new', labels, ownerReferences: [{ ...controller, controller: true }] };
    const { n0 = 0, n1 = 0, n2 = 0 } = scores(askedFor('prioritize', { metadata }), fleet);
    assert.deepEqual([n0, n1, n2], [5.3571, 16.0714, 55.3571]);
  });

  /** The recorded request for a pod of llama-0, whose other pods the session has placed on n2 and not bound yet. */
  const inSession = (others: readonly string[] = []) => {
    const [next, ...mates] = servingGroup(llama, 0, () => ({ node: null }));
    const fleet = fleetOf([...mates, podOf('other', { node: 'n1' })], [llama], [nodeOf('n0'), nodeOf('n2')]);
    const { name, labels, controller } = next ?? podOf('none');
    const metadata = { name, uid: 'new', labels, ownerReferences: [{ ...controller, controller: true }] };
    const tasks = [...mates.map((mate) => namespacedName(mate)), ...others];
    const nodes = recordedNodes().map((node) =>
      node.Name === 'n2' ? { ...node, Tasks: Object.fromEntries(tasks.map((task) => [task, { Status: 2 }])) } : node,
    );
    return { body: { ...askedFor('prioritize', { metadata }), nodes }, fleet };
  };

  it('brings the pods of a gang together, of which none is bound before all have their places', () => {
    const { body, fleet } = inSession();
    assert.deepEqual(scores(body, fleet), { n0: 5.3571, n1: 16.0714, n2: 55.3571 });
    // Of three on n2 two are of the gang.
    const mixed = inSession(['llm/stranger']);
    assert.deepEqual(scores(mixed.body, mixed.fleet), { n0: 5.3571, n1: 16.0714, n2: 38.6905 });
  });

  it('counts what is bound once, though the session names it too', () => {
    const [next, ...placed] = servingGroup(llama, 0, ({ role }) => ({ node: role === 'prefill' ? null : 'n2' }));
    const fleet = fleetOf([...placed, podOf('stranger', { node: 'n2' })], [llama], [nodeOf('n0'), nodeOf('n1')]);
    const { name, labels, controller } = next ?? podOf('none');
    const metadata = { name, uid: 'new', labels, ownerReferences: [{ ...controller, controller: true }] };
    const nodes = recordedNodes().map(({ Name, ...node }) => {
      const tasks = fleet.podsOnNode(`${Name}`).map((pod) => [namespacedName(pod), { Status: 4 }]);
      return { ...node, Name, Tasks: Object.fromEntries(tasks) };
    });
    // Of three on n2 two are of the group.
    const body = { ...askedFor('prioritize', { metadata }), nodes };
    assert.deepEqual(scores(body, fleet), { n0: 5.3571, n1: 16.0714, n2: 38.6905 });
  });

  it('goes by the pod where nothing is said of what its task requests', () => {
    const bare = askedFor('prioritize', { task: { Resreq: null, InitResreq: null } });
    assert.deepEqual(scores(bare), scores(recorded('prioritize')));
  });

  it('takes a node on which the session has placed something for occupied', () => {
    const { body, fleet } = inSession();
    const rest = { locality: 0, targetSet: ['n1'] };
    // In use outside of the target set, in it, and not at all.
    assert.deepEqual(scores(body, fleet, rest), { n0: 16.8571, n1: 38.5714, n2: 64.2857 });
  });

  it('agrees with kube-scheduler’s whole numbers where both see the same', () => {
    const requests = parseResources({ cpu: 8, memory: '64Gi', 'nvidia.com/gpu': 2 });
    const fleet = fleetOf([podOf('cap1', { node: 'n1', requests })], [], [nodeOf('n0'), nodeOf('n2')]);
    const { Pod } = askedFor('prioritize').task;
    const kube = scoresOf(prioritized(byName(['n0', 'n1', 'n2'], Pod), fleet, weights));
    assert.deepEqual(kube, { n0: 1, n1: 3, n2: 1 });
    assert.deepEqual(scores(recorded('prioritize'), fleet), { n0: 10.7143, n1: 32.1429, n2: 10.7143 });
  });

  const cases: readonly [title: string, body: unknown, what: string][] = [
    ['no object', null, 'it is no object'],
    ['a list', [], 'it is no object'],
    ['no task', {}, 'task.Pod is missing'],
    ['no pod', { task: { Name: 'cap1' } }, 'task.Pod is missing'],
    ['nodes that are no list', { ...recorded('prioritize'), nodes: {} }, 'nodes is no list'],
    [
      'more nodes than there can be',
      { ...recorded('prioritize'), nodes: Array(100_001).fill({}) },
      'nodes holds over 100000 nodes',
    ],
    ['a node without a name', { ...recorded('prioritize'), nodes: [{}] }, 'a node has no Name'],
    ['a node that is a name', { ...recorded('prioritize'), nodes: ['n1'] }, 'a node has no Name'],
    [
      'what is no amount',
      { ...recorded('prioritize'), nodes: [{ ...recordedNodes()[0], Used: 'x' }] },
      'a node cannot be read: Used is no object; write it as Kubernetes',
    ],
  ];
  for (const [title, body, what] of cases) {
    it(`refuses ${title}`, () => {
      const isExpected = (error: unknown) =>
        error instanceof Error &&
        'code' in error &&
        error.code === 'InvalidVolcanoRequest' &&
        error.message.startsWith(`the body is no request of Volcano's extender plugin: ${what}`);
      assert.throws(() => prioritizeTask(body, empty, weights, preferences), isExpected);
    });
  }
});
