import { isSilent } from '../domain/fleet/silence.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { drainingNodes } from '../workloads/draining.ts';

/** Why a node is kept free of new pods, for the events of those that wait. */
export const BEING_FREED = 'packdown: a scale-down is freeing this node';

/**
 * The nodes, by name, that scale-downs are freeing; none while the fleet is too stale (milliseconds, as Fleet has it):
 * they may be free by now.
 */
export function nodesToAvoid(snapshot: Snapshot, staleness: number | null): ReadonlySet<string> {
  return isSilent(staleness) ? new Set() : drainingNodes(snapshot);
}
