import type { Instance } from '../../domain/fleet/instance.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { type Workload, workloadName } from '../../domain/fleet/workload.ts';
import type { ScaleRequest } from '../../domain/victims/pool.ts';
import { roleInstances } from '../../domain/victims/role-instances.ts';
import { NOTHING_READ, type Reading, unforeseen } from '../adapter.ts';
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
  if (!roleInstance.isReadBy(set)) return scaleOrdinals(request, instances.map(unitOf), now, set.name);
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

function byAge(a: Instance, b: Instance): number {
  return a.created - b.created || (a.name < b.name ? -1 : 1);
}
