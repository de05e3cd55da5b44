import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { outlookOf } from '../../src/config/outlook.ts';
import { FLOOR } from '../../src/domain/fleet/annotations.ts';
import type { Snapshot } from '../../src/domain/fleet/snapshot.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { nestedTargets } from '../../src/domain/planner/nested-targets.ts';
import type { SeenLow } from '../../src/workloads/floors.ts';
import { forecast } from '../../src/workloads/forecast.ts';
import { roleInstance } from '../../src/workloads/rbg/role-instance.ts';
import { openProven } from '../../src/workloads/scaling.ts';
import { configOf } from '../admission/webhook.ts';
import { mixedFleet } from '../background/forecast-story.ts';
import {
  appsPod,
  BINPACK,
  fleetOf,
  marked,
  NOW,
  nodeOf,
  planOf,
  podOf,
  scaleTo,
  servingGroup,
  theirs,
} from '../builders/fleet.ts';
import { deployment, type RoleCounts, serving } from '../builders/workload.ts';

const config = configOf('');
const annotations = { [FLOOR]: '1' };
const [a, b] = ['a', 'b'].map((name) => serving(2, { decode: 1 }, { name, uid: `uid-of-${name}`, annotations }));

/** The nodes that the fleet can free on its way to its floors. */
function targets(snapshot: Snapshot, seenLow?: SeenLow): readonly string[] {
  const resources = new Map(Object.entries({ cpu: 1 }));
  const options = { policy: 'consolidate', binpack: { weight: 1, resources }, nodeWeights: [] } as const;
  const steps = forecast({ snapshot, options, outlookOf: outlookOf(snapshot, config, seenLow), now: NOW });
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done !== true) continue;
    const { problem, nodes } = step.value;
    return [...new Set(nestedTargets(problem).flat())].map((node) => nodes[node] ?? '');
  }
}

describe('a forecast', () => {
  assert.ok(a !== undefined && b !== undefined);
  /** A group of a and one of b on n1; their other groups with others on n2. */
  const shared = (first = {}) => [
    ...servingGroup(a, 0, () => ({ node: 'n1', ...first })),
    ...servingGroup(b, 0, () => ({ node: 'n1' })),
    ...[a, b].flatMap((workload) => servingGroup(workload, 1, () => ({ node: 'n2' }))),
    podOf('other', { node: 'n2' }),
  ];

  it('is the nodes that all workloads can free together', () => {
    assert.deepEqual(targets(fleetOf(shared(), [a, b])), ['n1']);
  });

  it('is kept from no node by a DaemonSet, what is finished or what is on its way out', () => {
    const agents = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'uid-of-agent' };
    const besides = [
      podOf('agent', { controller: agents }),
      podOf('done', { phase: 'Succeeded' }),
      podOf('going', { deleting: true }),
    ];
    assert.deepEqual(targets(fleetOf([...shared(), ...besides], [a, b])), ['n1']);
  });

  it('holds no node that the fleet does not have', () => {
    const index = fleetOf(shared(), [a, b]);
    index.deleteNode('n1');
    assert.deepEqual(targets(index), []);
  });

  it('counts on nobody who will not go: somebody else’s cost keeps it', () => {
    assert.deepEqual(targets(fleetOf(shared(theirs(100)), [a, b])), []);
  });

  it('counts on whom a scale-down has marked already, and not on more', () => {
    const pods = shared().map((pod) => (pod.name === 'a-1-decode-0-0' ? { ...pod, ...marked(0, 'a-1') } : pod));
    assert.deepEqual(targets(fleetOf(pods, [a, b])), [], 'the one group that a loses is another');
  });

  it('counts a ReplicaSet and its Deployment once', () => {
    const web = deployment(2, { annotations });
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: web.uid };
    const set = deployment(2, { kind: 'ReplicaSet', name: 'web-1', uid: 'uid-of-web-1', owner });
    const pods = ['x', 'y'].map((name, index) => appsPod(set, name, { node: `n${index}` }));
    assert.equal(targets(fleetOf(pods, [web, set])).length, 1);
    const beside = pods.map(({ name, node }) => podOf(`beside-${name}`, { node }));
    assert.deepEqual(targets(fleetOf([...pods, ...beside], [web, set])), [], 'nobody else leaves in its place');
  });

  it('counts on no StatefulSet: nobody steers which of its pods go', () => {
    const set = deployment(2, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db', annotations });
    const pods = [0, 1].map((ordinal) => appsPod(set, ordinal, { node: `n${ordinal}` }));
    assert.deepEqual(targets(fleetOf(pods, [set])), []);
    const beside = [0, 1].flatMap((group) => servingGroup(a, group, () => ({ node: `n${group}` })));
    assert.deepEqual(
      targets(fleetOf([...pods, ...beside], [set, a])),
      [],
      'though others leave the node of its highest',
    );
  });

  it('counts on no more of a zone than a spread over zones lets go', () => {
    const web = deployment(4, { kind: 'ReplicaSet', annotations: { [FLOOR]: '2' } });
    const spread = [{ topologyKey: 'zone', maxSkew: 1, minDomains: 1, counted: [], nodes: [[]] }];
    const pods = ['a1', 'a1', 'b1', 'b2'].map((node, index) => appsPod(web, index, { node, spread }));
    const nodes = ['a1', 'b1', 'b2'].map((name) => nodeOf(name, { labels: { zone: name.charAt(0) } }));
    assert.equal(targets(fleetOf(pods, [web], nodes)).length, 1);
    assert.equal(targets(fleetOf(pods, [web])).length, 2, 'where nodes have no zones');
  });

  it('is the same in whatever order a replica of packdown came to know the fleet', () => {
    for (const seed of [1, 2, 3]) {
      const { workloads, index } = mixedFleet(5, 12, 8, seed);
      const backwards = fleetOf([...index.pods()].reverse(), [...workloads].reverse());
      assert.deepEqual(targets(backwards), targets(index));
    }
  });

  it('looks at no count that is no number, or a slip', () => {
    const odd = [Number.NaN, 10 ** 9].map((replicas, index) =>
      deployment(replicas, { name: `w${index}`, annotations }),
    );
    assert.deepEqual(targets(fleetOf([], odd)), []);
    const slip = serving(10 ** 9, { decode: 1 }, { annotations });
    const pods = [0, 1].flatMap((group) => servingGroup(slip, group, () => ({ node: `n${group}` })));
    assert.deepEqual(targets(fleetOf(pods, [slip])), [], 'with pods');
  });
});

describe('roles that are scaled by themselves', () => {
  assert.ok(b !== undefined);
  /** The role went down to one replica in each group; of groups and of b nothing was seen. */
  const seenLow: SeenLow = (_, role) => (role === 'decode' ? 1 : null);
  const rolesOf = (floor: string) => serving(2, { decode: 2 }, { annotations: { [FLOOR]: floor } });
  /** The second replica of each group on n1; the first, on which its HPA hangs, beside what stays. */
  const podsOf = (workload: Workload) =>
    [0, 1].flatMap((group) => servingGroup(workload, group, ({ replica }) => ({ node: replica === 1 ? 'n1' : 'n3' })));
  const fleet = (floor: string) =>
    fleetOf([...podsOf(rolesOf(floor)), podOf('stays', { node: 'n3' })], [rolesOf(floor)]);

  it('are expected to shrink to their lowest count, in every group, where the groups stay', () => {
    assert.deepEqual(targets(fleet('2'), seenLow), ['n1']);
    assert.deepEqual(targets(fleet('2')), [], 'where nothing was seen, nothing is guessed');
  });

  it('give up their first replica too, but for the first role, on which the HPA of a group hangs', () => {
    const fleetWith = (roles: RoleCounts) => {
      const own = serving(2, roles, { annotations: { [FLOOR]: '2' } });
      const pods = [0, 1].flatMap((group) =>
        servingGroup(own, group, ({ role, replica }) => ({ node: role === 'decode' && replica === 0 ? 'n1' : 'n3' })),
      );
      return fleetOf([...pods, podOf('stays', { node: 'n3' })], [own]);
    };
    assert.deepEqual(targets(fleetWith({ prefill: 1, decode: 2 }), seenLow), ['n1']);
    assert.deepEqual(targets(fleetWith({ decode: 2, prefill: 1 }), seenLow), []);
  });

  it('are not where their count is a slip', () => {
    const slip = serving(2, { decode: 10 ** 9 }, { annotations: { [FLOOR]: '2' } });
    assert.deepEqual(targets(fleetOf(podsOf(rolesOf('2')), [slip]), seenLow), []);
  });

  it('are not where groups are expected to go', () => {
    assert.deepEqual(targets(fleet('1'), seenLow), [], 'one group of two');
  });

  it('leave the nodes that they share with a workload that shrinks', () => {
    const own = rolesOf('2');
    const pods = [
      ...podsOf(own),
      ...[0, 1].flatMap((group) => servingGroup(b, group, () => ({ node: `n${group + 1}` }))),
    ];
    const index = fleetOf([...pods, podOf('stays', { node: 'n2' })], [own, b]);
    const goes = (low?: SeenLow) => {
      const options = { targetSet: ['n1'], outlookOf: outlookOf(index, config, low) };
      return planOf(scaleTo(b, 1), index, 'consolidate', options).victims.map(({ candidate }) => candidate.name);
    };
    assert.deepEqual(goes(seenLow), ['b-0']);
    assert.deepEqual(goes(), ['b-1']);
  });

  it('give up what they cannot give up at once, as far as they are expected to shrink', () => {
    const own = serving(1, { decode: 5 }, { annotations: { [FLOOR]: '1' } });
    const nodes = ['n3', 'n1', 'n2', 'n2', 'n4'];
    const replicas = servingGroup(own, 0, ({ replica }) => ({ node: nodes[replica] ?? null }));
    const others = ['n3', 'n4'].map((node) => podOf(`stays-on-${node}`, { node }));
    const index = fleetOf([...replicas, ...others], [own]);
    const goes = (low?: SeenLow) => {
      const options = { targetSet: ['n1'], outlookOf: outlookOf(index, config, low) };
      const { victims } = planOf(scaleTo(own, 3, 'decode'), index, 'consolidate', options);
      return victims.map(({ candidate }) => candidate.name).sort();
    };
    assert.deepEqual(goes(seenLow), ['decode-1', 'decode-3'], 'n2 will be free once decode-2 has gone too');
    assert.deepEqual(goes(), ['decode-1', 'decode-4'], 'n2 will not be free');
  });
});

describe('RoleInstances beside a workload that shrinks', () => {
  const group = 'workloads.x-k8s.io';
  const pattern = 'rbg.workloads.x-k8s.io/role-instance-pattern';
  /** One instance of the set, of two pods, and one group of a on n1; another of each on n2 beside what stays. */
  const stage = (annotation: string) => {
    assert.ok(a !== undefined);
    const own = { group, kind: 'RoleInstanceSet', name: 'set', uid: 'uid-of-set' };
    const set = deployment(2, { ...own, annotations: { ...annotations, [pattern]: annotation } });
    const instances = ['x', 'y'].map((name) =>
      roleInstance.read({
        metadata: {
          ...{ namespace: 'default', name, uid: `uid-of-${name}` },
          ownerReferences: [{ ...own, apiVersion: `${group}/v1alpha2`, controller: true }],
        },
        status: { componentStatuses: [{}], conditions: [{ type: 'RoleInstanceReady', status: 'True' }] },
      }),
    );
    const podsOf = instances.flatMap(({ name, uid }, index) =>
      (index === 0 ? [0, 1] : [0]).map((pod) =>
        podOf(`${name}-${pod}`, {
          node: `n${index + 1}`,
          controller: { apiVersion: `${group}/v1alpha2`, kind: 'RoleInstance', name, uid },
        }),
      ),
    );
    const groups = [0, 1].flatMap((index) => servingGroup(a, index, () => ({ node: `n${index + 1}` })));
    const fleet = fleetOf([...podsOf, ...groups, podOf('stays', { node: 'n2' })], [a, set]);
    for (const instance of instances) fleet.putInstance(instance);
    const options = { targetSet: ['n1'], outlookOf: outlookOf(fleet, config) };
    const step = planOf(scaleTo(a, 1), fleet, 'consolidate', options);
    return { fleet, goes: step.victims.map(({ candidate }) => candidate.name) };
  };

  it('are expected to leave where costs on them decide, and the workload leaves the same node', () => {
    const { fleet, goes } = stage('Stateless');
    assert.deepEqual(targets(fleet), ['n1']);
    assert.deepEqual(goes, ['a-0']);
  });

  it('are not where their highest index goes', () => {
    const { fleet, goes } = stage('Stateful');
    assert.deepEqual(targets(fleet), []);
    assert.deepEqual(goes, ['a-1']);
  });
});

describe('a scale-down towards a target set', () => {
  const plans = fc.record({
    seed: fc.nat(1000),
    to: fc.integer({ min: 0, max: 12 }),
    wanted: fc.uniqueArray(fc.nat(14), { maxLength: 8 }),
  });
  const plan = (seed: number, to: number, wanted: readonly number[], isForeseen = true) => {
    const { workloads, index } = mixedFleet(5, 12, 8, seed);
    const [workload] = workloads;
    assert.ok(workload !== undefined);
    return planOf(scaleTo(workload, to), index, 'consolidate', {
      targetSet: wanted.map((node) => `n${node}`),
      ...(isForeseen && { outlookOf: outlookOf(index, config) }),
    });
  };
  const groups = ({ victims }: ReturnType<typeof plan>) => victims.map(({ candidate }) => candidate.name);

  it('takes exactly as many as it is told, whatever the set', () => {
    fc.assert(
      fc.property(plans, ({ seed, to, wanted }) => {
        const { victims, warnings } = plan(seed, to, wanted);
        assert.deepEqual([victims.length, new Set(victims).size, warnings], [12 - to, 12 - to, []]);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same in another replica that knows the same', () => {
    fc.assert(
      fc.property(plans, ({ seed, to, wanted }) => {
        assert.deepEqual(groups(plan(seed, to, wanted)), groups(plan(seed, to, wanted)));
      }),
      { numRuns: 30 },
    );
  });

  it('without a set frees what it frees without an outlook', () => {
    fc.assert(
      fc.property(plans, ({ seed, to }) => {
        assert.deepEqual(groups(plan(seed, to, [])), groups(plan(seed, to, [], false)));
      }),
      { numRuns: 30 },
    );
  });

  it('goes on with nodes that others will leave too, not with one that somebody stays on', () => {
    const one = serving(4, { decode: 1 }, { name: 'a', uid: 'uid-of-a', annotations });
    assert.ok(b !== undefined);
    const pods = [
      ...[0, 1, 2, 3].flatMap((group) => servingGroup(one, group, () => ({ node: `n${group}` }))),
      ...[0, 1].flatMap((group) => servingGroup(b, group, () => ({ node: group === 0 ? 'n1' : 'n2' }))),
      ...['n2', 'n3'].map((node) => podOf(`stays-on-${node}`, { node })),
    ];
    const index = fleetOf(pods, [one, b]);
    const options = { targetSet: ['n0'], outlookOf: outlookOf(index, config) };
    assert.deepEqual(groups(planOf(scaleTo(one, 2), index, 'consolidate', options)).toSorted(), ['a-0', 'a-1']);
  });

  it('is no step towards them where none is wanted, however much more the best choice may free', () => {
    const web = deployment(2, { kind: 'ReplicaSet' });
    const index = fleetOf([appsPod(web, 'x', { node: 'n1' }), appsPod(web, 'y', { node: 'n2' })], [web]);
    const options = { policy: 'consolidate', binpack: BINPACK, nodeWeights: [] } as const;
    const open = openProven({ requests: [scaleTo(web, 1)], snapshot: index, options, now: NOW });
    const { value, bound, isStep } = open.complete({ chosen: [0], bound: 16 });
    assert.deepEqual({ value, bound, isStep }, { value: 8, bound: 16, isStep: false });
  });

  it('takes its pods off the wanted nodes, those that others will leave too', () => {
    const [one, two] = [a, b];
    assert.ok(one !== undefined && two !== undefined);
    const pods = [
      ...servingGroup(one, 0, () => ({ node: 'n1' })),
      ...servingGroup(two, 0, () => ({ node: 'n1' })),
      ...servingGroup(one, 1, () => ({ node: 'n2' })),
    ];
    const index = fleetOf(pods, [one, two]);
    const planned = (targetSet: readonly string[]) =>
      planOf(scaleTo(one, 1), index, 'consolidate', { targetSet, outlookOf: outlookOf(index, config) });
    const goes = (targetSet: readonly string[]) => groups(planned(targetSet));
    assert.deepEqual(goes(['n1']), ['a-0'], 'n1 will be free once b has shrunk');
    assert.deepEqual(goes([]), ['a-1'], 'n2 is free at once');
    assert.deepEqual([planned(['n1']).isStep, planned([]).isStep], [true, false], 'it frees less now than it could');
    assert.equal(planned(['n2']).isStep, false, 'nothing is given up for a node that is free at once');
    const web = deployment(1, { kind: 'ReplicaSet' });
    index.putWorkload(web);
    const foresight = { targetSet: ['n1'], outlookOf: outlookOf(index, config) };
    const together = planOf([scaleTo(one, 1), scaleTo(web, 0)], index, 'consolidate', foresight);
    assert.deepEqual(groups(together), ['a-1'], 'what is planned together frees what it can free at once');
    index.putPod(appsPod(web, 'stays', { node: 'n1' }));
    assert.deepEqual(goes(['n1']), ['a-1'], 'n1 will not be free any more');
  });
});
