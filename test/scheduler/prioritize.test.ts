import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadFleet } from '../../src/cluster/embedded/load-fleet.ts';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { binpackWeights, defaultConfig } from '../../src/config/config.ts';
import type { Pod } from '../../src/domain/fleet/pod.ts';
import { parseResources } from '../../src/domain/resources/resource-list.ts';
import { readNode } from '../../src/workloads/core/node.ts';
import { appsPod, fleetOf, marked, nodeOf, podOf, servingGroup } from '../builders/fleet.ts';
import { nodeObject as fleetNode, objectOf, podObject } from '../builders/objects.ts';
import { deployment, serving } from '../builders/workload.ts';
import { byName, byNode, EIGHT_GPUS, nodeObject, pendingPod, prioritized, scoresOf } from './extender-bodies.ts';

const weights = binpackWeights(defaultConfig);
const PREFERENCES = { ...defaultConfig.scheduler, targetSet: [] };
const using = (node: string, requests: Readonly<Record<string, string | number>>, fields: object = {}) =>
  podOf(`on-${node}`, { node, requests: parseResources(requests), ...fields });

const llama = serving(1, { decode: 1 });
/** Of 64 cpu, 512Gi and 8 GPUs a node; the pod asks for 8, 64Gi and 2; cpu and memory weigh 1, GPUs 5. */
const fleet = fleetOf(
  [
    using('light', { cpu: 4, memory: '32Gi', 'nvidia.com/gpu': 1 }),
    using('heavy', { cpu: 24, memory: '192Gi', 'nvidia.com/gpu': 6 }),
    using('exact', { cpu: 56, memory: '448Gi', 'nvidia.com/gpu': 6 }),
    using('full', { 'nvidia.com/gpu': 7 }),
    using('done', { cpu: 24, memory: '192Gi', 'nvidia.com/gpu': 6 }, { phase: 'Succeeded' }),
    ...servingGroup(llama, 0, () => ({ node: 'freed', ...marked(0, 'llama-0') })),
  ],
  [llama],
  [nodeOf('empty')],
);

describe('prioritize', () => {
  const byHand: readonly [node: string, score: number, why: string][] = [
    ['empty', 2, '100 · (8/64 + 64/512 + 5 · 2/8) / 7 = 21.43'],
    ['light', 3, '100 · (12/64 + 96/512 + 5 · 3/8) / 7 = 32.14'],
    ['heavy', 9, '100 · (32/64 + 256/512 + 5 · 8/8) / 7 = 85.71'],
    ['exact', 10, 'every resource full'],
    ['full', 0, '9 of 8 GPUs would be used'],
    ['done', 2, 'finished pods use nothing'],
    ['freed', 0, 'a scale-down is freeing it'],
    ['unknown', 0, 'it is not in the fleet'],
  ];
  for (const [node, score, why] of byHand) {
    it(`scores the ${node} node ${score}: ${why}`, () => {
      const answer = prioritized(byName([node]), fleet, weights);
      assert.equal(JSON.stringify(answer), `[{"Host":"${node}","Score":${score}}]`);
    });
  }

  it('answers, byte for byte, in the order asked', () => {
    const answer = '[{"Host":"light","Score":3},{"Host":"empty","Score":2},{"Host":"n9","Score":0}]';
    assert.equal(JSON.stringify(prioritized(byName(['light', 'empty', 'n9']), fleet, weights)), answer);
    const nodes = ['light', 'empty'].map((name) => nodeObject(name));
    const unknown = nodeObject('n9', { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '2' });
    assert.equal(
      JSON.stringify(prioritized(byNode([...nodes, unknown]), fleet, weights)),
      answer.replace('"n9","Score":0', '"n9","Score":10'),
    );
  });

  for (const body of [byName([]), byNode([]), byNode(null)]) {
    it(`answers ${JSON.stringify(body).slice(-50)} with an empty list`, () => {
      assert.equal(JSON.stringify(prioritized(body, fleet, weights)), '[]');
    });
  }

  it('rounds halves up: 1 of 20 GPUs is 5 of 100, 0.5 of 10', () => {
    const twenty = nodeObject('n1', { 'nvidia.com/gpu': 20 });
    const ask = (gpus: number) => prioritized(byNode([twenty], pendingPod({ 'nvidia.com/gpu': gpus })), fleet, weights);
    assert.deepEqual(
      [1, 3, 5, 19].map((gpus) => ask(gpus)[0]?.Score),
      [1, 2, 3, 10],
    );
  });

  it('gives 0 to 10 whatever the configured weight of binpack', () => {
    const score = (weight: number) => prioritized(byName(['heavy']), fleet, { ...weights, weight })[0]?.Score;
    assert.deepEqual([0.5, 1, 10, 100].map(score), [9, 9, 9, 9]);
  });

  it('gives 0 for a pod that requests nothing that is weighed', () => {
    assert.deepEqual(scoresOf(prioritized(byName(['heavy'], pendingPod({})), fleet, weights)), { heavy: 0 });
  });

  it('answers 500 names, each once', () => {
    const names = Array.from({ length: 500 }, (_, index) => `n${index}`);
    const loads = names.map((node, index) => using(node, { 'nvidia.com/gpu': index % 8 }));
    const answer = prioritized(byName(names, pendingPod({ 'nvidia.com/gpu': 1 })), fleetOf(loads), weights);
    assert.deepEqual(
      answer.map(({ Host }) => Host),
      names,
    );
    // 100 · (k + 1) / 8 for k GPUs in use: 12.5 is 1, and so on.
    assert.deepEqual(
      answer.slice(0, 8).map(({ Score }) => Score),
      [1, 3, 4, 5, 6, 8, 9, 10],
    );
  });

  it('answers full nodes that equal the fleet’s as it answers their names', () => {
    const amounts = fc.record({
      cpu: fc.constantFrom('16', '64', '96500m'),
      memory: fc.constantFrom('64Gi', '512Gi', '128974848000m'),
      'nvidia.com/gpu': fc.constantFrom('0', '4', '8'),
    });
    const load = fc.record({
      cpu: fc.nat(32),
      memory: fc.constantFrom('1Gi', '1.5Gi', '1e9'),
      'nvidia.com/gpu': fc.nat(4),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(amounts, load), { maxLength: 6 }), load, fc.boolean(), (nodes, asked, isMarked) => {
        const objects = nodes.map(([allocatable], index) => nodeObject(`n${index}`, allocatable));
        const pods = nodes.flatMap(([, requests], index) =>
          isMarked && index === 0
            ? servingGroup(llama, 0, () => ({ node: 'n0', ...marked(0, 'llama-0') }))
            : [using(`n${index}`, requests)],
        );
        const known = fleetOf(pods, [llama], objects.map(readNode));
        const names = objects.map((_, index) => `n${index}`);
        assert.deepEqual(
          prioritized(byNode(objects, pendingPod(asked)), known, weights),
          prioritized(byName(names, pendingPod(asked)), known, weights),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('reads allocatable of what it is sent, which may be newer than the fleet', () => {
    const halved = nodeObject('light', { ...EIGHT_GPUS, 'nvidia.com/gpu': '4' });
    // 100 · (12/64 + 96/512 + 5 · 3/4) / 7 = 58.93
    assert.deepEqual(scoresOf(prioritized(byNode([halved]), fleet, weights)), { light: 6 });
  });
});

describe('pods of one group come together', () => {
  const pair = serving(2, { prefill: 1, decode: { replicas: 2, workers: 1 } });
  /** Of group 0, the last decode worker is pending; the others are where `nodeOf` says. */
  const pendingOf = (nodeFor: (index: number) => string, others: readonly Pod[] = []) => {
    const group = servingGroup(pair, 0).map((pod, index) => ({ ...pod, node: index === 4 ? null : nodeFor(index) }));
    const { name, labels, controller } = group[4] ?? podOf('none');
    const metadata = { name, uid: 'new', labels, ownerReferences: [{ ...controller, controller: true }] };
    const nodes = ['a', 'b', 'c'].map((node) => nodeOf(node));
    return { pod: { ...pendingPod(), metadata }, fleet: fleetOf([...group, ...others], [pair], nodes) };
  };
  const scores = (
    { pod, fleet }: { readonly pod: object; readonly fleet: FleetIndex },
    rest: { readonly binpack?: number; readonly locality?: number } = {},
  ) => scoresOf(prioritized(byName(['a', 'b', 'c'], pod), fleet, weights, { ...PREFERENCES, ...rest }));
  const full = using('b', { cpu: 24, memory: '192Gi', 'nvidia.com/gpu': 6 });

  it('on the node that would be free without the group, rather than on a fuller one', () => {
    // a: (64.29 + 100) / 2; b: (85.71 + 0) / 2; c: (21.43 + 0) / 2.
    assert.deepEqual(scores(pendingOf(() => 'a', [full])), { a: 8, b: 4, c: 1 });
  });

  it('the more, the more of a node is of the group', () => {
    const strangers = [0, 1, 2].map((index) => podOf(`stranger-${index}`, { node: 'b' }));
    // Of the pods on a 2 of 2 are of the group, of those on b 2 of 5.
    const mixed = pendingOf((index) => (index < 2 ? 'a' : 'b'), strangers);
    assert.deepEqual(scores(mixed, { binpack: 0 }), { a: 10, b: 4, c: 0 });
  });

  it('as much as the weights say, from not at all to nothing else', () => {
    const setup = pendingOf(() => 'a', [full]);
    const byLoad = scores(setup, { locality: 0 });
    assert.deepEqual(byLoad, { a: 6, b: 9, c: 2 });
    assert.deepEqual(scores(setup, { binpack: 0 }), { a: 10, b: 0, c: 0 });
    assert.deepEqual(scores(setup, { binpack: 10 }), { a: 7, b: 8, c: 2 });
    assert.deepEqual(scores(setup, { binpack: 0, locality: 0 }), { a: 0, b: 0, c: 0 });
  });

  it('but not where other groups of the workload are, nor where the group is on its way out', () => {
    const other = servingGroup(pair, 1, () => ({ node: 'a' }));
    const { pod } = pendingOf(() => 'a');
    const leaving = servingGroup(pair, 0, () => ({ node: 'a', deleting: true }));
    for (const pods of [other, leaving]) {
      const fleet = fleetOf(pods, [pair], [nodeOf('b'), nodeOf('c')]);
      assert.deepEqual(scores({ pod, fleet }), scores({ pod, fleet }, { locality: 0 }));
    }
  });

  /** Of the pods on a all are of this one's group, of those on b none; it is pending. */
  const isDrawnToA = (items: readonly object[], pod: ReturnType<typeof podObject>) => {
    const rest = [0, 1, 2, 3].map((index) => podObject(`other-${index}`, { node: 'b' }));
    const nodes = ['a', 'b', 'c'].map((name) => fleetNode(name));
    const list = { kind: 'List', items: [...items, ...rest, ...nodes] };
    const fleet = loadFleet(JSON.stringify(list), 'fleet.json');
    const pending = { ...pendingPod(), metadata: pod.metadata };
    assert.deepEqual(scores({ pod: pending, fleet }, { binpack: 0 }), { a: 10, b: 0, c: 0 });
  };

  it('in a LeaderWorkerSet, whose pods StatefulSets control', () => {
    const LWS = 'leaderworkerset.sigs.k8s.io';
    const spec = { replicas: 2, leaderWorkerTemplate: { size: 3 } };
    const set = objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat', { spec });
    const leaders = objectOf('apps/v1', 'StatefulSet', 'chat', { owner: set, spec: { replicas: 2 } });
    const groupOn = (node: string, index: number, leaderNode = node) => {
      const labels = { [`${LWS}/name`]: 'chat', [`${LWS}/group-index`]: String(index) };
      const leader = podObject(`chat-${index}`, { owner: leaders, labels, node: leaderNode });
      const workers = objectOf('apps/v1', 'StatefulSet', `chat-${index}`, { owner: leader, spec: { replicas: 2 } });
      const worker = (ordinal: number) => podObject(`chat-${index}-${ordinal}`, { owner: workers, labels, node });
      return { leader, workers, worker };
    };
    const other = groupOn('b', 1);
    const rest = [set, leaders, other.leader, other.workers, other.worker(1)];
    const own = groupOn('a', 0);
    isDrawnToA([...rest, own.leader, own.workers, own.worker(1)], own.worker(2));
    // A leader is called as its group is.
    const headless = groupOn('a', 0, '');
    isDrawnToA([...rest, headless.leader, headless.workers, headless.worker(1)], headless.leader);
  });

  it('in a replica of a Grove scaling group, over its cliques', () => {
    const API = 'grove.io/v1alpha1';
    const set = objectOf(API, 'PodCliqueSet', 'chat', { spec: { replicas: 1 } });
    const group = objectOf(API, 'PodCliqueScalingGroup', 'chat-0-pd', { owner: set, spec: { replicas: 2 } });
    const replicaOn = (node: string, replica: number) => {
      const labels = {
        'app.kubernetes.io/part-of': 'chat',
        'grove.io/podcliqueset-replica-index': '0',
        'grove.io/podcliquescalinggroup': 'chat-0-pd',
        'grove.io/podcliquescalinggroup-replica-index': String(replica),
      };
      const cliqueOf = (role: string) => {
        const owner = objectOf(API, 'PodClique', `chat-0-pd-${replica}-${role}`, { owner: group });
        return [owner, podObject(`${owner.metadata.name}-x`, { owner, labels, node })] as const;
      };
      return { prefill: cliqueOf('prefill'), decode: cliqueOf('decode') };
    };
    const [own, other] = [replicaOn('a', 0), replicaOn('b', 1)];
    const [clique, pod] = own.decode;
    isDrawnToA([set, group, ...own.prefill, clique, ...other.prefill, ...other.decode], pod);
  });

  it('and replicas that go one by one are a group of their own', () => {
    const web = deployment(3, { kind: 'ReplicaSet', uid: 'uid-of-web' });
    const controller = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: web.uid, controller: true };
    const pod = { ...pendingPod(), metadata: { name: 'web-new', namespace: 'default', ownerReferences: [controller] } };
    const fleet = fleetOf([appsPod(web, 0, { node: 'a' })], [web], [nodeOf('b'), nodeOf('c')]);
    assert.deepEqual(scores({ pod, fleet }), { a: 3, b: 2, c: 2 });
  });
});

describe('devices that would stay free without CPUs or memory for them', () => {
  const scoresWith = (stranding: number, requests: Readonly<Record<string, string | number>>) =>
    scoresOf(
      prioritized(byName(['light', 'heavy', 'empty'], pendingPod(requests)), fleet, weights, {
        ...PREFERENCES,
        stranding,
      }),
    );

  it('count against a node, so that pods without devices go where these are in use', () => {
    // Of the CPUs with the pod 36, 56 and 32 of 64 are in use, of the GPUs 1, 6 and 0 of 8.
    const requests = { cpu: 32, memory: '64Gi' };
    assert.deepEqual(scoresWith(0, requests), { light: 4, heavy: 7, empty: 3 });
    // 37.5 - 2 · (87.5 - 43.75), 68.75 - 2 · (25 - 12.5), 31.25 - 2 · (100 - 50): none is below 0.
    assert.deepEqual(scoresWith(2, requests), { light: 0, heavy: 4, empty: 0 });
  });

  it('count for nothing where devices are what runs out first', () => {
    const requests = { cpu: 4, memory: '32Gi', 'nvidia.com/gpu': 2 };
    assert.deepEqual(scoresWith(10, requests), scoresWith(0, requests));
  });
});

describe('nodes that planning goes on freeing', () => {
  const names = ['light', 'heavy', 'exact', 'empty', 'freed'];
  const ranked = (targetSet: readonly string[], asked = names) => {
    const answer = prioritized(byName(asked), fleet, weights, { ...PREFERENCES, targetSet });
    return scoresOf(answer);
  };

  it('come after the other occupied ones and before empty ones, fullest first within each', () => {
    // Outside 6 to 10, inside 4, empty 2: of 32, 86 and 100 of 100.
    assert.deepEqual(ranked(['exact', 'heavy', 'gone']), { light: 7, heavy: 4, exact: 4, empty: 2, freed: 0 });
    assert.deepEqual(ranked(['light']), { light: 4, heavy: 9, exact: 10, empty: 2, freed: 0 });
  });

  it('leave those that packdown does not know the last', () => {
    assert.equal(ranked(['exact', 'heavy'], [...names, 'unknown']).unknown, 0);
  });

  it('change nothing while none of them is asked about, or those that are stand empty', () => {
    const before = ranked([]);
    assert.deepEqual(ranked(['gone', 'empty']), before);
    const others = ['light', 'empty'];
    assert.deepEqual(ranked(['exact'], others), ranked([], others));
  });

  it('and nodes of a kind that is to be kept free come last, while they are', () => {
    const spare = nodeOf('spare', { labels: { pool: 'spare' } });
    const known = (...pods: readonly Pod[]) =>
      fleetOf([using('light', { 'nvidia.com/gpu': 1 }), ...pods], [], [nodeOf('empty'), spare]);
    const warmNodes = [{ selector: { pool: 'spare' }, count: 1 }];
    const asked = byName(['light', 'empty', 'spare']);
    const scores = (fleet: FleetIndex, rest: object = { warmNodes }) =>
      scoresOf(prioritized(asked, fleet, weights, { ...PREFERENCES, ...rest }));
    assert.deepEqual(scores(known()), { light: 7, empty: 2, spare: 0 });
    const untouched = { light: 3, empty: 2, spare: 2 };
    assert.deepEqual(scores(known(), {}), untouched);
    assert.deepEqual(scores(known(), { warmNodes: [{ selector: { pool: 'spare' }, count: 0 }] }), untouched);
    assert.deepEqual(scores(known(using('spare', { 'nvidia.com/gpu': 2 }))), { light: 3, empty: 2, spare: 4 });
    const relabelled = known();
    assert.deepEqual(scores(relabelled), { light: 7, empty: 2, spare: 0 });
    relabelled.putNode({ ...spare, labels: {} });
    assert.deepEqual(scores(relabelled), untouched);
    relabelled.putNode(nodeOf('empty', { labels: { pool: 'spare' } }));
    assert.deepEqual(scores(relabelled), { light: 7, empty: 0, spare: 2 });
    assert.deepEqual(scores(relabelled, { warmNodes: [{ selector: { pool: 'other' }, count: 1 }] }), untouched);
  });

  it('are two points from others, whatever the load: what the scheduler adds by its own plugins does not change their places', () => {
    const node = fc.record({ gpus: fc.integer({ min: 0, max: 8 }), isTargeted: fc.boolean() });
    fc.assert(
      fc.property(fc.array(node, { minLength: 1, maxLength: 8 }), (nodes) => {
        const loads = nodes.flatMap(({ gpus }, index) =>
          gpus === 0 ? [] : [using(`n${index}`, { 'nvidia.com/gpu': gpus })],
        );
        const all = nodes.map((_, index) => `n${index}`);
        const known = fleetOf(
          loads,
          [],
          all.map((name) => nodeOf(name)),
        );
        const targetSet = all.filter((_, index) => nodes[index]?.isTargeted);
        const answer = prioritized(byName(all), known, weights, { ...PREFERENCES, targetSet });
        const band = (index: number) => (nodes[index]?.gpus === 0 ? 2 : nodes[index]?.isTargeted ? 1 : 0);
        const isMixed = nodes.some(({ gpus, isTargeted }) => gpus > 0 && isTargeted);
        for (const [one, { Score }] of answer.entries()) {
          assert.ok(Number.isInteger(Score) && Score >= 0 && Score <= 10);
          for (const [other, { Score: others }] of answer.entries()) {
            if (isMixed && band(one) < band(other)) assert.ok(Score >= others + 2, JSON.stringify(answer));
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
