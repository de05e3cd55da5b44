import type { Fleet } from '../domain/fleet/fleet.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { TargetSetStore } from '../domain/fleet/target-set.ts';
import { drainingNodes } from '../workloads/draining.ts';
import type { Duty } from './duty.ts';

/** Publishes what `compute` makes of the fleet, the most wanted node first, whenever that has changed. */
export function publishingTargetSet(
  fleet: Fleet,
  targetSet: TargetSetStore,
  compute: (snapshot: Snapshot) => readonly string[],
): Duty {
  return {
    name: 'publishing the target set',
    every: 10_000,
    run: () => targetSet.publish(compute(fleet.snapshot())),
  };
}

/**
 * What admitted scale-downs are emptying already, by name: the marks on their victims say so to every replica, whichever
 * planned it. There is no forecast in it.
 */
export function nodesBeingFreed(snapshot: Snapshot): readonly string[] {
  const [anyMarked] = snapshot.markedPods();
  if (anyMarked === undefined) return [];
  const isDraining = drainingNodes(snapshot);
  const names = Array.from(snapshot.nodes(), ({ name }) => name);
  return names.filter(isDraining).sort();
}
