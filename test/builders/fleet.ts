import { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { afterWrite, type CostWrite } from '../../src/domain/fleet/cost-write.ts';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import type { Node } from '../../src/domain/fleet/node.ts';
import type { Pod } from '../../src/domain/fleet/pod.ts';
import type { TargetSetStore } from '../../src/domain/fleet/target-set.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { prove } from '../../src/domain/planner/prove.ts';
import { parseResources } from '../../src/domain/resources/resource-list.ts';
import { podScore, sumScores } from '../../src/domain/score/pod-score.ts';
import type { Victim } from '../../src/domain/victims/plan.ts';
import type { Policy } from '../../src/domain/victims/policies.ts';
import type { ScaleRequest } from '../../src/domain/victims/pool.ts';
import { openProven, type ProvenPlan, type ScalingOptions } from '../../src/workloads/scaling.ts';

/** The moment of every decision in tests, milliseconds since the epoch. */
export const NOW = Date.parse('2026-06-01T12:00:00Z');

/** Before any leader has looked ahead. */
export const NO_TARGET_SET: Pick<TargetSetStore, 'current'> = { current: () => null };

/** A node with 8 GPUs. */
export function nodeOf(name: string, rest: Partial<Node> = {}): Node {
  const allocatable = parseResources({ cpu: 64, memory: '512Gi', 'nvidia.com/gpu': 8 });
  return { name, labels: {}, allocatable, unschedulable: false, taints: [], ...rest };
}

/** A ready pod with one GPU on node n1, an hour old, without a cost. */
export function podOf(name: string, rest: Partial<Pod> = {}): Pod {
  return {
    namespace: 'default',
    name,
    uid: `uid-of-${name}`,
    node: 'n1',
    labels: {},
    controller: null,
    requests: parseResources({ cpu: 4, memory: '32Gi', 'nvidia.com/gpu': 1 }),
    phase: 'Running',
    ready: true,
    readySince: NOW - 3_600_000,
    created: NOW - 3_600_000,
    restarts: 0,
    deleting: false,
    mirror: false,
    cost: null,
    costOwner: null,
    victim: null,
    keep: 0,
    spread: [],
    ...rest,
  };
}

/** A cost that packdown wrote. */
export function ours(cost: number): Pick<Pod, 'cost' | 'costOwner'> {
  return { cost: String(cost), costOwner: String(cost) };
}

/** A cost that somebody else wrote, valid or not. */
export function theirs(cost: string | number): Pick<Pod, 'cost' | 'costOwner'> {
  return { cost: String(cost), costOwner: null };
}

/** A cost that packdown wrote to a pod that it marked to go with `unit`: a pod, a group, or `<group>/<role id>`. */
export function marked(cost: number, unit: string): Pick<Pod, 'cost' | 'costOwner' | 'victim'> {
  return { ...ours(cost), victim: { unit, since: NOW } };
}

/** The units that pods are marked to go with, in order, each as often as it is. */
export function marksIn(index: FleetIndex): readonly string[] {
  return [...index.pods()].flatMap(({ victim }) => victim?.unit ?? []).sort();
}

/** Where a pod belongs in a ModelServing: worker 0 is the entry. */
export interface ServingPlace {
  readonly group: number;
  readonly role: string;
  readonly replica: number;
  readonly worker: number;
}

export function servingPod(serving: Workload, place: ServingPlace, rest: Partial<Pod> = {}): Pod {
  const { group, role, replica, worker } = place;
  const labels = {
    'modelserving.volcano.sh/name': serving.name,
    'modelserving.volcano.sh/group-name': `${serving.name}-${group}`,
    'modelserving.volcano.sh/role': role,
    'modelserving.volcano.sh/role-id': `${role}-${replica}`,
    'modelserving.volcano.sh/revision': '7f9',
    ...(worker === 0 ? { 'modelserving.volcano.sh/entry': 'true' } : {}),
  };
  return ownedPod(serving, 'workload.serving.volcano.sh/v1alpha1', `${group}-${role}-${replica}-${worker}`, {
    labels,
    ...rest,
  });
}

/** All pods of one group, complete; `fields` says what is special about each. */
export function servingGroup(
  serving: Workload,
  group: number,
  fields: (place: ServingPlace) => Partial<Pod> = () => ({}),
): readonly Pod[] {
  return serving.roles.flatMap(({ name: role, replicas, workers }) =>
    Array.from({ length: replicas * (workers + 1) }, (_, index) => {
      const place = { group, role, replica: Math.floor(index / (workers + 1)), worker: index % (workers + 1) };
      return servingPod(serving, place, fields(place));
    }),
  );
}

/** A pod of a ReplicaSet or StatefulSet. */
export function appsPod(workload: Workload, suffix: string | number, rest: Partial<Pod> = {}): Pod {
  return ownedPod(workload, 'apps/v1', `${suffix}`, rest);
}

function ownedPod(
  { namespace, name, kind, uid }: Workload,
  apiVersion: string,
  suffix: string,
  rest: Partial<Pod>,
): Pod {
  return podOf(`${name}-${suffix}`, { namespace, controller: { apiVersion, kind, name, uid }, ...rest });
}

/** Holds the pods and workloads, the given nodes, and a node of 8 GPUs for every other name that a pod is on. */
export function fleetOf(
  pods: readonly Pod[],
  workloads: readonly Workload[] = [],
  nodes: readonly Node[] = [],
): FleetIndex {
  const fleet = new FleetIndex();
  for (const name of new Set(pods.map((pod) => pod.node))) if (name !== null) fleet.putNode(nodeOf(name));
  for (const node of nodes) fleet.putNode(node);
  for (const workload of workloads) fleet.putWorkload(workload);
  for (const pod of pods) fleet.putPod(pod);
  return fleet;
}

/** A fleet in which something is different: to fail, to be slow or to look on. */
export function fleetBut(fleet: Fleet, difference: Partial<Fleet>): Fleet {
  return {
    snapshot: () => fleet.snapshot(),
    staleness: () => fleet.staleness(),
    write: (order, deadline) => fleet.write(order, deadline),
    ...difference,
  };
}

/** The pods as they are once the writes have happened. */
export function afterWrites(pods: readonly Pod[], writes: readonly CostWrite[]): readonly Pod[] {
  const written = new Map(writes.map((write) => [write.carrier.uid, write]));
  return pods.map((pod) => {
    const write = written.get(pod.uid);
    return write === undefined ? pod : afterWrite({ ...write, carrier: pod }, NOW);
  });
}

/** Scaling groups, or one role, of a workload from what it has to `to`. */
export function scaleTo(workload: Workload, to: number, role: string | null = null): ScaleRequest {
  if (role === null) return { workload: { ...workload, replicas: to }, role, from: workload.replicas, to };
  const roles = workload.roles.map((spec) => (spec.name === role ? { ...spec, replicas: to } : spec));
  const from = workload.roles.find(({ name }) => name === role)?.replicas ?? 0;
  return { workload: { ...workload, roles }, role, from, to };
}

export const BINPACK = { weight: 1, resources: new Map(Object.entries({ cpu: 1, memory: 1, 'nvidia.com/gpu': 5 })) };

/** Plans with Volcano's binpack arguments as packdown has them by default. */
export function planOf(
  request: ScaleRequest | readonly ScaleRequest[],
  fleet: FleetIndex,
  policy: Policy = 'consolidate',
  rest: Partial<ScalingOptions> = {},
): ProvenPlan {
  const options = { policy, binpack: BINPACK, nodeWeights: [], ...rest };
  const open = openProven({ requests: [request].flat(), snapshot: fleet, options, now: NOW });
  return open.complete(prove(open.problem));
}

/** What a victim is worth by the weights of `planOf`: the sum of its pods' binpack costs. */
export function scoreOf({ candidate: { pods } }: Victim, fleet: FleetIndex): number {
  return sumScores(pods, (pod) => podScore(pod, fleet, BINPACK));
}
