import type { Instance } from '../../domain/fleet/instance.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { resolvePartition, type Workload, workloadName } from '../../domain/fleet/workload.ts';
import type { ScaleRequest } from '../../domain/victims/pool.ts';
import { roleInstances } from '../../domain/victims/role-instances.ts';
import { NOTHING_READ, type Reading, surging, unforeseen } from '../adapter.ts';
import { ordinalAfter } from '../core/ordinals.ts';
import { scaleOrdinals } from '../ordinal-pool.ts';
import { podsUnder } from '../owned-pods.ts';
import { poolOf } from '../pool-of.ts';
import { candidateOf, type Unit, unitOfPods } from '../unit.ts';
import { poolsByRevision } from './revisions.ts';
import { roleInstance } from './role-instance.ts';

/** Where the instances of a set belong when it carries out a role. */
export interface RolePlace {
  readonly group: string;
  readonly role: string;
}

/** What a RoleInstanceSet does on a scale request of its own, or of the role that it carries out. */
export function scaleInstances(
  set: Workload,
  request: ScaleRequest,
  snapshot: Snapshot,
  now: number,
  place?: RolePlace,
): Reading {
  const { goesFirst: listed = [] } = set;
  const instances = snapshot.instancesOf(set.uid);
  const unitOf = ({ uid, name }: Instance): Unit => ({
    ...unitOfPods(name, ordinalAfter(set.name, name), podsUnder(uid, snapshot)),
    ...place,
  });
  if (!roleInstance.isReadBy(set)) {
    return keptBySurge(set, request, instances) ?? scaleOrdinals(request, instances.map(unitOf), now, set.name);
  }
  const staying = instances.filter(({ deleting }) => !deleting).sort(byAge);
  // Instances have random names: they count from the oldest, so that the newest has the highest ordinal.
  const candidates = staying.map((carrier, ordinal) => ({
    ...candidateOf(unitOf(carrier)),
    ordinal,
    ready: carrier.ready,
    deleting: false,
    goesFirst: carrier.goesFirst || listed.includes(carrier.name),
    carrier,
  }));
  const pool = poolOf(request, roleInstances, candidates, now);
  const isOne = new Set(staying.map(({ revision }) => revision)).size <= 1;
  const pools = isOne ? [pool] : poolsByRevision(pool, set);
  if (pools !== null) return { ...NOTHING_READ, pools };
  const warning = `${workloadName(set)} is in the middle of a rollout: how many instances of each revision go is decided by its controller`;
  return unforeseen(warning);
}

/**
 * What is said of a scale-down where indexes beyond the new count may stay for now: in a rollout that may add some,
 * until all below it that it replaces are updated and ready (computeTopology in stateful_instance_set_utils.go at
 * 993491f). Null where they go at once.
 */
function keptBySurge(set: Workload, { from, to }: ScaleRequest, instances: readonly Instance[]): Reading | null {
  if (set.surges !== true || to >= from) return null;
  const held = resolvePartition(set.partition, to);
  const done = instances.filter(({ name, revision, ready, deleting }) => {
    const index = ordinalAfter(set.name, name);
    return index >= held && index < to && revision === set.updateRevision && ready && !deleting;
  });
  return done.length >= to - held ? null : surging(set, 'instances');
}

function byAge(a: Instance, b: Instance): number {
  return a.created - b.created || (a.name < b.name ? -1 : 1);
}
