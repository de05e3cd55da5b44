import type { Pod } from '../../../src/domain/fleet/pod.ts';
import { resolvePartition, type Workload } from '../../../src/domain/fleet/workload.ts';
import {
  type OracleOptions,
  type OraclePod,
  type OracleServing,
  scaleDownGroups,
  scaleDownRole,
  seededRandom,
} from '../../oracle/kthena.ts';
import { type OracleReplica, replicaSetVictims } from '../../oracle/replicaset.ts';

export type DeletingRank = OracleOptions['deletingRank'];

/** A count that never makes a controller delete anything. */
const PLENTY = 1_000_000;

/** How a simulated controller goes on: `rank` and `seed` as the oracle has them. */
export interface Run {
  readonly rank: DeletingRank;
  readonly seed: number;
  /** Groups that its store has as Running, as the oracle has them. */
  readonly running?: ReadonlySet<string>;
  /** Whether it brings roles to the spec as well. */
  readonly withRoles?: boolean;
  /** The count that it acts on until so many pods have vanished. */
  readonly until?: { readonly replicas: number; readonly vanished: number };
}

/** Names of the groups that are gone in the end when a ModelServing, as `serving` has it, is reconciled. */
export function groupsGone(serving: Workload, pods: readonly Pod[], run: Run): ReadonlySet<string> {
  const { rank, seed, running, withRoles = false, until } = run;
  const wanted = oracleServing(serving);
  const options: OracleOptions = {
    deletingRank: rank,
    random: seededRandom(seed),
    withRoles,
    ...(running === undefined ? {} : { running }),
  };
  const { deletedGroups } =
    until === undefined
      ? scaleDownGroups(wanted, pods.map(oraclePod), options)
      : scaleDownGroups({ ...wanted, replicas: until.replicas }, pods.map(oraclePod), {
          ...options,
          changes: [{ afterVanished: until.vanished, replicas: wanted.replicas }],
        });
  return new Set(deletedGroups);
}

/** Names of the groups that are being deleted once the controller has looked at the pods once. */
export function groupsMarked(serving: Workload, pods: readonly Pod[]): ReadonlySet<string> {
  const { deletedGroups } = scaleDownGroups(oracleServing(serving), pods.map(oraclePod), {
    deletingRank: 'as-not-ready',
    random: () => 0,
    changes: [{ afterVanished: 0, replicas: PLENTY }],
  });
  return new Set(deletedGroups);
}

/** The pods as they are after the controller has reconciled groups and `vanished` pods are gone. */
export function groupsUnderWay(
  serving: Workload,
  pods: readonly Pod[],
  vanished: number,
  { rank, seed }: Run,
): readonly Pod[] {
  let left: readonly OraclePod[] = [];
  scaleDownGroups(oracleServing(serving), pods.map(oraclePod), {
    deletingRank: rank,
    random: seededRandom(seed),
    changes: [{ afterVanished: vanished, replicas: PLENTY, costs: remember((existing) => (left = existing)) }],
  });
  return surviving(pods, left);
}

/** Ids of the role replicas of one group that are gone in the end; `running` as the oracle has it. */
export function replicasGone(
  serving: Workload,
  group: string,
  role: string,
  pods: readonly Pod[],
  { seed, running }: { readonly seed: number; readonly running: ReadonlySet<string> },
): ReadonlySet<string> {
  const options: OracleOptions = { deletingRank: 'as-live', random: seededRandom(seed), running };
  return new Set(scaleDownRole(oracleServing(serving), group, role, pods.map(oraclePod), options).deletedReplicas);
}

/** The pods as they are after the controller has reconciled one role in one group and `vanished` pods are gone. */
export function roleUnderWay(
  serving: Workload,
  group: string,
  role: string,
  pods: readonly Pod[],
  vanished: number,
  seed: number,
): readonly Pod[] {
  let left: readonly OraclePod[] = [];
  scaleDownRole(oracleServing(serving), group, role, pods.map(oraclePod), {
    deletingRank: 'as-live',
    random: seededRandom(seed),
    changes: [{ afterVanished: vanished, replicas: PLENTY, costs: remember((existing) => (left = existing)) }],
  });
  const touched = new Set(pods.filter((pod) => belongs(pod, group, role)).map(({ name }) => name));
  return [
    ...pods.filter((pod) => !touched.has(pod.name)),
    ...surviving(
      pods.filter((pod) => touched.has(pod.name)),
      left,
    ),
  ];
}

/** Names of the pods that go first when `count` pods of a ReplicaSet go. */
export function replicaSetGone(
  pods: readonly Pod[],
  count: number,
  now: number,
  siblings: readonly Pod[] | null,
): ReadonlySet<string> {
  const related = siblings === null ? { standalone: true } : { siblings: siblings.map(oracleReplica) };
  return new Set(replicaSetVictims(pods.map(oracleReplica), count, { now, ...related }));
}

function remember(keep: (existing: readonly OraclePod[]) => void) {
  return (existing: readonly OraclePod[]) => {
    keep(existing.map((pod) => ({ ...pod })));
    return {};
  };
}

function surviving(pods: readonly Pod[], left: readonly OraclePod[]): readonly Pod[] {
  const found = new Map(left.map((pod) => [pod.name, pod]));
  return pods.flatMap((pod) => {
    const now = found.get(pod.name);
    return now === undefined ? [] : [{ ...pod, deleting: now.deleting }];
  });
}

function belongs(pod: Pod, group: string, role: string): boolean {
  return (
    pod.labels['modelserving.volcano.sh/group-name'] === group && pod.labels['modelserving.volcano.sh/role'] === role
  );
}

function oraclePod({ name, labels, cost, phase, ready, deleting }: Pod): OraclePod {
  const label = (key: string) => labels[`modelserving.volcano.sh/${key}`] ?? '';
  return {
    name,
    group: label('group-name'),
    groupOrdinal: ordinalOf(label('group-name')),
    role: label('role'),
    roleOrdinal: ordinalOf(label('role-id')),
    entry: label('entry') === 'true',
    cost: cost ?? undefined,
    ready: phase === 'Running' && ready,
    deleting,
  };
}

function oracleServing(serving: Workload): OracleServing {
  return {
    name: serving.name,
    replicas: serving.replicas,
    roles: serving.roles,
    partition: resolvePartition(serving.partition, serving.replicas),
    rolePartitions: Object.fromEntries(
      serving.roles.map(({ name, replicas, partition }) => [name, resolvePartition(partition, replicas)]),
    ),
  };
}

function oracleReplica(pod: Pod): OracleReplica {
  return {
    ...pod,
    node: pod.node ?? undefined,
    readySince: pod.readySince ?? undefined,
    cost: pod.cost ?? undefined,
  };
}

function ordinalOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}
