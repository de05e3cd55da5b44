import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadFleet } from '../../src/cluster/embedded/load-fleet.ts';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import type { Pod } from '../../src/domain/fleet/pod.ts';
import { SILENCE_LIMIT } from '../../src/domain/fleet/silence.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { preempt } from '../../src/scheduler/preempt.ts';
import type { GangSettings } from '../../src/workloads/torn-gangs.ts';
import { appsPod, fleetOf, marked, podOf, type ServingPlace, servingGroup } from '../builders/fleet.ts';
import { objectOf, podObject } from '../builders/objects.ts';
import { deployment, serving } from '../builders/workload.ts';
import { pendingPod } from './extender-bodies.ts';

const replicas = deployment(2, { kind: 'ReplicaSet', uid: 'uid-of-web' });
const ALL_RULES: GangSettings = { holds: () => true };

/** ExtenderPreemptionArgs as kube-scheduler sends them with nodeCacheCapable: true. */
function byUid(victims: Readonly<Record<string, readonly string[]>>) {
  const entries = Object.entries(victims).map(([node, uids]) => [node, meta(uids)]);
  return { Pod: pendingPod(), NodeNameToVictims: null, NodeNameToMetaVictims: Object.fromEntries(entries) };
}

function meta(uids: readonly string[], NumPDBViolations = 0) {
  return { Pods: uids.map((UID) => ({ UID })), NumPDBViolations };
}

/** The nodes that are left when everything on these would go. */
function left(nodes: readonly string[], fleet: FleetIndex, settings = ALL_RULES, staleness: number | null = 0) {
  const victims = nodes.map((node) => [node, fleet.podsOnNode(node).map(({ uid }) => uid)]);
  const answer = preempt(byUid(Object.fromEntries(victims)), fleet, settings, staleness);
  return Object.keys(answer.NodeNameToMetaVictims);
}

/** A ModelServing with one group, whose pods `nodeOf` puts somewhere, and a pod alone on node `other`. */
function oneGroup(workload: Workload, nodeOf: (place: ServingPlace) => string, fields: Partial<Pod> = {}): FleetIndex {
  const pods = servingGroup(workload, 0, (place) => ({ node: nodeOf(place), ...fields }));
  return fleetOf([...pods, podOf('single', { node: 'other' })], [workload]);
}

/** Of three replicas, two of which are needed, the second on node `gang`; the third has lost its worker. */
function threeWithoutTheLastWorker(): FleetIndex {
  const fleet = oneGroup(serving(1, { decode: { replicas: 3, gangMinimum: 2, workers: 1 } }), secondDecode);
  fleet.deletePod('default', 'llama-0-decode-2-1');
  return fleet;
}

const isDecode = ({ role, replica }: ServingPlace) => role === 'decode' && replica === 1;
/** The second decode on node `gang`, everything else elsewhere. */
const secondDecode = (place: ServingPlace) => (isDecode(place) ? 'gang' : 'rest');
const gang = serving(1, { prefill: 1, decode: { replicas: 2, gangMinimum: 2 } });

describe('preempt answers, byte for byte,', () => {
  const single = fleetOf([podOf('a', { node: 'n1' }), podOf('b', { node: 'n2' })]);
  const answer =
    '{"NodeNameToMetaVictims":{"n1":{"Pods":[{"UID":"uid-of-a"}],"NumPDBViolations":1},"n2":{"Pods":[{"UID":"uid-of-b"},{"UID":"gone"}],"NumPDBViolations":0}}}';

  it('victims by uid with victims by uid', () => {
    const body = {
      Pod: pendingPod(),
      NodeNameToVictims: null,
      NodeNameToMetaVictims: { n1: meta(['uid-of-a'], 1), n2: meta(['uid-of-b', 'gone']) },
    };
    assert.equal(JSON.stringify(preempt(body, single, ALL_RULES, 0)), answer);
  });

  it('whole pods with victims by uid too', () => {
    const pod = (name: string, uid: string) => ({
      metadata: { name, namespace: 'default', uid },
      spec: {},
      status: {},
    });
    const body = {
      Pod: pendingPod(),
      NodeNameToVictims: {
        n1: { Pods: [pod('a', 'uid-of-a')], NumPDBViolations: 1 },
        n2: { Pods: [pod('b', 'uid-of-b'), pod('c', 'gone')], NumPDBViolations: 0 },
      },
      NodeNameToMetaVictims: null,
    };
    assert.equal(JSON.stringify(preempt(body, single, ALL_RULES, 0)), answer);
  });

  it('no candidates with none, and a node without victims as it came', () => {
    assert.equal(JSON.stringify(preempt(byUid({}), single, ALL_RULES, 0)), '{"NodeNameToMetaVictims":{}}');
    const nobody = { ...byUid({}), NodeNameToMetaVictims: { n1: { Pods: null, NumPDBViolations: 0 } } };
    const kept = '{"NodeNameToMetaVictims":{"n1":{"Pods":[],"NumPDBViolations":0}}}';
    assert.equal(JSON.stringify(preempt(nobody, single, ALL_RULES, 0)), kept);
  });
});

describe('preempt drops a node, while another is left,', () => {
  const ratio = { annotations: { 'packdown.io/role-ratio': 'prefill:decode=1:2..1:2' } };
  const cases: readonly [title: string, fleet: FleetIndex][] = [
    ['whose victims leave a role below its gang’s minimum', oneGroup(gang, secondDecode)],
    ['whose victims leave too few replicas with all their workers', threeWithoutTheLastWorker()],
    ['whose victims are a whole gang', oneGroup(gang, () => 'gang')],
    ['whose victims leave the declared ratio', oneGroup(serving(1, { prefill: 1, decode: 2 }, ratio), secondDecode)],
    [
      'whose victims are all of one side of prefill and decode',
      oneGroup(serving(1, { prefill: 1, decode: 2 }), ({ role }) => (role === 'decode' ? 'gang' : 'rest')),
    ],
    [
      'whose victims are a worker of a role replica that stays',
      oneGroup(serving(1, { decode: { replicas: 2, workers: 1 } }), ({ replica, worker }) =>
        replica === 1 && worker === 1 ? 'gang' : 'rest',
      ),
    ],
    [
      'whose victims are of a group that a partition protects from rollouts',
      oneGroup({ ...gang, partition: { kind: 'int', value: 1 } }, secondDecode),
    ],
    ['whose victims are a worker of a LeaderWorkerSet', leaderAndWorker()],
    ['whose victims are all of one of two roles that scalers count', scaledRoles()],
    [
      'whose victims are a part of a surplus replica of a scaling group',
      podCliqueSet(({ role }) => role === 'prefill'),
    ],
    [
      'whose victims leave a scaling group below minAvailable',
      podCliqueSet(() => true, { replicas: 2, minAvailable: 2 }),
    ],
    [
      'whose victims leave a clique below minAvailable in the only replica',
      podCliqueSet(({ pod }) => pod > 0, { replicas: 1, minAvailable: 1 }),
    ],
    ['whose victims leave a clique below minAvailable once another pod has gone', cliqueLosingAnother()],
    ['whose victims are a whole replica of a set, though another replica is not whole', setOfHalfAReplica()],
    [
      'that a scale-down is freeing',
      fleetOf(
        [
          ...servingGroup(serving(1, { decode: 1 }), 0, () => ({ node: 'gang', ...marked(0, 'llama-0') })),
          podOf('single', { node: 'other' }),
        ],
        [serving(1, { decode: 1 })],
      ),
    ],
  ];
  for (const [title, fleet] of cases) {
    it(title, () => {
      assert.deepEqual(left(['gang', 'other'], fleet), ['other']);
      assert.deepEqual(left(['gang'], fleet), ['gang']);
    });
  }

  it('and of those left, the ones that a scale-down is freeing, unless all are', () => {
    const freed = servingGroup(serving(1, { decode: 1 }, { name: 'web', uid: 'uid-of-web' }), 0, () => ({
      node: 'freed',
      ...marked(0, 'web-0'),
    }));
    const pods = [...servingGroup(gang, 0, (place) => ({ node: secondDecode(place) })), ...freed];
    const fleet = fleetOf(pods, [gang, serving(1, { decode: 1 }, { name: 'web', uid: 'uid-of-web' })]);
    assert.deepEqual(left(['gang', 'freed'], fleet), ['freed']);
    fleet.putPod(podOf('single', { node: 'other' }));
    assert.deepEqual(left(['gang', 'freed', 'other'], fleet), ['other']);
  });
});

describe('preempt looks at PodDisruptionBudgets first, as kube-scheduler does', () => {
  const fleet = oneGroup(gang, secondDecode);
  const remaining = (violations: Readonly<Record<string, number>>) => {
    const victims = Object.entries(violations).map(([node, count]) => [
      node,
      meta(
        fleet.podsOnNode(node).map(({ uid }) => uid),
        count,
      ),
    ]);
    const body = { ...byUid({}), NodeNameToMetaVictims: Object.fromEntries(victims) };
    return Object.keys(preempt(body, fleet, ALL_RULES, 0).NodeNameToMetaVictims);
  };

  it('a gang is no reason to violate one that could be kept', () => {
    assert.deepEqual(remaining({ gang: 0, other: 1 }), ['gang', 'other']);
  });

  it('none is violated where nothing is said of them, or something that is no count', () => {
    const victims = (node: string) => meta(fleet.podsOnNode(node).map(({ uid }) => uid));
    for (const NumPDBViolations of [undefined, null, '1', 1.5]) {
      const candidates = { gang: { ...victims('gang'), NumPDBViolations }, other: victims('other') };
      const { NodeNameToMetaVictims } = preempt(
        { ...byUid({}), NodeNameToMetaVictims: candidates },
        fleet,
        ALL_RULES,
        0,
      );
      assert.deepEqual(NodeNameToMetaVictims, { other: victims('other') });
    }
  });

  it('of nodes that violate as few, one that breaks no gang is chosen', () => {
    assert.deepEqual(remaining({ gang: 1, other: 1 }), ['other']);
    assert.deepEqual(remaining({ gang: 1, other: 0 }), ['gang', 'other']);
  });
});

describe('preempt keeps a node', () => {
  const cases: readonly [title: string, fleet: FleetIndex, settings?: GangSettings, staleness?: number | null][] = [
    [
      'whose victims leave a gang its minimum',
      oneGroup(serving(1, { prefill: 1, decode: { replicas: 3, gangMinimum: 2 } }), secondDecode),
    ],
    [
      'whose victims are a whole replica of the only role',
      oneGroup(serving(1, { decode: { replicas: 2, workers: 1 } }), secondDecode),
    ],
    ['whose victims leave a PodClique, and the scaling group above it, their minima', podCliqueOfTwo()],
    ['whose victims are a whole surplus replica of a scaling group', podCliqueSet(() => true)],
    ['whose victims are a whole surplus replica of a scaling group whose set is not known', scalingGroupAlone()],
    [
      'whose victims leave a clique of a scaling group minAvailable pods',
      podCliqueSet(({ pod }) => pod === 2, { replicas: 1, minAvailable: 1 }),
    ],
    ['whose victims have finished', oneGroup(gang, secondDecode, { phase: 'Failed' })],
    ['whose victims are on their way out already', oneGroup(gang, secondDecode, { deleting: true })],
    ['whose victims a scale-down takes anyway, beside others', pendingGang()],
    ['of a workload for which the rules do not hold', oneGroup(gang, secondDecode), { holds: () => false }],
    ['while the fleet is too stale to tell', oneGroup(gang, secondDecode), ALL_RULES, SILENCE_LIMIT + 1],
    ['while the fleet was never read', oneGroup(gang, secondDecode), ALL_RULES, null],
    [
      'whose victims are replicas of a Deployment',
      fleetOf(
        [appsPod(replicas, 0, { node: 'gang' }), appsPod(replicas, 1, { node: 'gang' }), podOf('s', { node: 'other' })],
        [replicas],
      ),
    ],
  ];
  for (const [title, fleet, settings, staleness] of cases) {
    it(title, () => assert.deepEqual(left(['gang', 'other'], fleet, settings, staleness), ['gang', 'other']));
  }

  it('on which a part of a gang stays, and somebody else would go', () => {
    const fleet = oneGroup(gang, secondDecode);
    fleet.putPod(podOf('beside', { node: 'gang' }));
    const body = byUid({ gang: ['uid-of-beside'], other: ['uid-of-single'] });
    assert.deepEqual(Object.keys(preempt(body, fleet, ALL_RULES, 0).NodeNameToMetaVictims), ['gang', 'other']);
  });

  it('of victims that the fleet does not know', () => {
    const answer = preempt(byUid({ n1: ['?'], n2: [] }), fleetOf([]), ALL_RULES, 0);
    assert.deepEqual(Object.keys(answer.NodeNameToMetaVictims), ['n1', 'n2']);
  });
});

describe('a body that is no ExtenderPreemptionArgs is refused', () => {
  const missing = 'both NodeNameToVictims and NodeNameToMetaVictims are missing';
  const victims = (given: unknown) => ({ Pod: {}, NodeNameToVictims: null, NodeNameToMetaVictims: { n1: given } });
  const cases: readonly [body: unknown, what: string][] = [
    [null, missing],
    [[], missing],
    [{}, missing],
    [{ NodeNameToMetaVictims: [] }, missing],
    [victims(null), 'the victims on n1 are no object'],
    [victims([]), 'the victims on n1 are no object'],
    [
      victims({ Pods: 'x' }),
      "the victims on n1 cannot be read: Pods is no list of objects; write it as Kubernetes' API has it",
    ],
    [victims({ Pods: [{ UID: 5 }] }), 'a victim on n1 has no uid'],
    [{ NodeNameToVictims: { n1: { Pods: [{}] } } }, 'a victim on n1 has no uid'],
  ];
  for (const [body, what] of cases) {
    it(JSON.stringify(body), () => {
      const message = `the body is no ExtenderPreemptionArgs: ${what}; send what kube-scheduler sends`;
      assert.throws(() => preempt(body, fleetOf([]), ALL_RULES, 0), { code: 'InvalidPreemptionArgs', message });
    });
  }
});

it('victims on more nodes than there can be are refused', () => {
  const nodes = Array.from({ length: 100_001 }, (_, node) => [`n${node}`, meta([])]);
  const body = { NodeNameToMetaVictims: Object.fromEntries(nodes) };
  const message =
    'the body is no ExtenderPreemptionArgs: there are victims on over 100000 nodes; send what kube-scheduler sends';
  assert.throws(() => preempt(body, fleetOf([]), ALL_RULES, 0), { code: 'InvalidPreemptionArgs', message });
});

describe('preempt reads a workload', () => {
  it('once, however many nodes there are to choose from', (t) => {
    const workload = serving(40, { prefill: 1, decode: { replicas: 2, gangMinimum: 2 } });
    const groups = Array.from({ length: 40 }, (_, group) =>
      servingGroup(workload, group, (place) => ({ node: isDecode(place) ? `n${group}` : 'rest' })),
    );
    const fleet = fleetOf([...groups.flat(), podOf('single', { node: 'other' })], [workload]);
    const nodes = groups.map((_, group) => `n${group}`);
    const { mock } = t.mock.method(fleet, 'podsOf');
    assert.deepEqual(left(['n0', 'other'], fleet), ['other']);
    const reads = mock.callCount();
    mock.resetCalls();
    assert.deepEqual(left([...nodes, 'other'], fleet), ['other']);
    assert.equal(mock.callCount(), reads);
  });
});

/** The whole group is to go by a scale-down; a pod that stays keeps its node from counting as being freed. */
function pendingGang(): FleetIndex {
  const fleet = oneGroup(gang, secondDecode, marked(0, 'llama-0'));
  fleet.putPod(podOf('neighbour', { node: 'gang' }));
  return fleet;
}

/**
 * Both replicas of a PodCliqueScalingGroup are PodCliques of two pods, of which one is enough; a pod of one is on node
 * `gang`.
 */
function podCliqueOfTwo(): FleetIndex {
  const API = 'grove.io/v1alpha1';
  const group = objectOf(API, 'PodCliqueScalingGroup', 'chat', { spec: { replicas: 2, minAvailable: 1 } });
  const cliques = [0, 1].flatMap((replica) => {
    const clique = objectOf(API, 'PodClique', `chat-${replica}-decode`, {
      owner: group,
      spec: { replicas: 2, minAvailable: 1 },
    });
    const pods = ['a', 'b'].map((name) =>
      podObject(`${clique.metadata.name}-${name}`, {
        owner: clique,
        node: replica === 1 && name === 'b' ? 'gang' : 'rest',
      }),
    );
    return [clique, ...pods];
  });
  const items = [group, ...cliques, podObject('single', { node: 'other' })];
  return loadFleet(JSON.stringify({ kind: 'List', items }), 'fleet.json');
}

/**
 * A PodCliqueSet whose scaling group has replicas of a prefill of one pod and a decode of three, of which two are
 * enough. Of its highest replica the pods that `isOnGang` is true of are on node `gang`.
 */
function podCliqueSet(
  isOnGang: (place: { readonly role: string; readonly pod: number }) => boolean,
  spec = { replicas: 3, minAvailable: 1 },
): FleetIndex {
  const API = 'grove.io/v1alpha1';
  const template = {
    cliques: [{ name: 'router' }, { name: 'prefill' }, { name: 'decode' }],
    podCliqueScalingGroups: [{ name: 'pd', cliqueNames: ['prefill', 'decode'], ...spec }],
  };
  const set = objectOf(API, 'PodCliqueSet', 'chat', { spec: { replicas: 1, template } });
  const router = objectOf(API, 'PodClique', 'chat-0-router', { owner: set, spec: { replicas: 1, minAvailable: 1 } });
  const group = objectOf(API, 'PodCliqueScalingGroup', 'chat-0-pd', { owner: set, spec });
  const cliques = Array.from({ length: spec.replicas }, (_, replica) => replica).flatMap((replica) =>
    Object.entries({ prefill: [1, 1], decode: [3, 2] }).flatMap(([role, [replicas = 0, minAvailable = 0]]) => {
      const name = `chat-0-pd-${replica}-${role}`;
      const clique = objectOf(API, 'PodClique', name, { owner: group, spec: { replicas, minAvailable } });
      const isHighest = replica === spec.replicas - 1;
      const pods = Array.from({ length: replicas }, (_, pod) => {
        const node = isHighest && isOnGang({ role, pod }) ? 'gang' : 'rest';
        return podObject(`${name}-${pod}`, { owner: clique, node });
      });
      return [clique, ...pods];
    }),
  );
  const routerPod = podObject('chat-0-router-0', { owner: router, node: 'rest' });
  const items = [set, router, group, routerPod, ...cliques, podObject('single', { node: 'other' })];
  return loadFleet(JSON.stringify({ kind: 'List', items }), 'fleet.json');
}

/** A clique of three pods, of which two are enough: one is on its way out, and one on node `gang`. */
function cliqueLosingAnother(): FleetIndex {
  const fleet = podCliqueSet(({ pod }) => pod === 2, { replicas: 1, minAvailable: 1 });
  const going = fleet.pod('llm', 'chat-0-pd-0-decode-0');
  assert.ok(going !== undefined);
  fleet.putPod({ ...going, deleting: true });
  return fleet;
}

function scalingGroupAlone(): FleetIndex {
  const fleet = podCliqueSet(() => true);
  const set = [...fleet.workloads()].find(({ kind }) => kind === 'PodCliqueSet');
  assert.ok(set !== undefined);
  fleet.deleteWorkload(set);
  return fleet;
}

/** A PodCliqueSet of two replicas of two pods: one of the first has not come yet, both of the second are on `gang`. */
function setOfHalfAReplica(): FleetIndex {
  const API = 'grove.io/v1alpha1';
  const set = objectOf(API, 'PodCliqueSet', 'chat', {
    spec: { replicas: 2, template: { cliques: [{ name: 'decode', spec: { replicas: 2 } }] } },
  });
  const cliques = [['a'], ['a', 'b']].flatMap((names, replica) => {
    const clique = objectOf(API, 'PodClique', `chat-${replica}-decode`, {
      owner: set,
      spec: { replicas: 2, minAvailable: 2 },
    });
    const node = replica === 0 ? 'rest' : 'gang';
    return [clique, ...names.map((name) => podObject(`${clique.metadata.name}-${name}`, { owner: clique, node }))];
  });
  const items = [set, ...cliques, podObject('single', { node: 'other' })];
  return loadFleet(JSON.stringify({ kind: 'List', items }), 'fleet.json');
}

/** A DisaggregatedSet whose roles are counted by scalers: one prefill elsewhere, all decodes on node `gang`. */
function scaledRoles(): FleetIndex {
  const API = 'disaggregatedset.x-k8s.io/v1';
  const [SET, ROLE] = ['disaggregatedset.x-k8s.io/name', 'disaggregatedset.x-k8s.io/role'];
  const roles = ['prefill', 'decode'];
  const spec = { slices: 1, roles: roles.map((name) => ({ name, scaling: { mode: 'External' }, spec: {} })) };
  const set = objectOf(API, 'DisaggregatedSet', 'chat', { spec });
  const parts = roles.flatMap((role) => {
    const labels = { [ROLE]: role, 'disaggregatedset.x-k8s.io/slice': '0' };
    const replicas = role === 'decode' ? 2 : 1;
    const name = `chat-0-a1-${role}`;
    const lws = objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', name, {
      ...{ owner: set, labels, spec: { replicas } },
    });
    const pods = Array.from({ length: replicas }, (_, group) =>
      podObject(`${name}-${group}`, {
        owner: lws,
        node: role === 'decode' ? 'gang' : 'rest',
        labels: {
          ...{ ...labels, [SET]: 'chat', 'leaderworkerset.sigs.k8s.io/name': name },
          'leaderworkerset.sigs.k8s.io/group-index': `${group}`,
        },
      }),
    );
    const scaler = objectOf(API, 'DisaggregatedSetRoleScaler', `chat-${role}`, {
      ...{ owner: set, labels: { [ROLE]: role }, spec: { replicas } },
    });
    return [lws, scaler, ...pods];
  });
  const items = [set, ...parts, podObject('single', { node: 'other' })];
  return loadFleet(JSON.stringify({ kind: 'List', items }), 'fleet.json');
}

function leaderAndWorker(): FleetIndex {
  const set = objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat', {
    spec: { replicas: 1, leaderWorkerTemplate: { size: 2 } },
  });
  const leaders = objectOf('apps/v1', 'StatefulSet', 'chat', { owner: set, spec: { replicas: 1 } });
  const labels = {
    'leaderworkerset.sigs.k8s.io/name': 'chat',
    'leaderworkerset.sigs.k8s.io/group-index': '0',
  };
  const leader = podObject('chat-0', { owner: leaders, labels, node: 'rest' });
  const workers = objectOf('apps/v1', 'StatefulSet', 'chat-0', { owner: leader, spec: { replicas: 1 } });
  const worker = podObject('chat-0-1', { owner: workers, labels, node: 'gang' });
  const items = [set, leaders, leader, workers, worker, podObject('single', { node: 'other' })];
  return loadFleet(JSON.stringify({ kind: 'List', items }), 'fleet.json');
}
