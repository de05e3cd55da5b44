import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadName } from '../domain/fleet/workload.ts';
import { ownersOf } from './owners-above.ts';
import { adapterOf } from './registry.ts';

/**
 * Why nothing is to be told of a change to what `next` has: it carries out what its owner asks for, and what goes was
 * told when that changed. Null where it is the moment to tell.
 */
export function toldAbove(next: Workload, snapshot: Snapshot): string | null {
  const [owner] = ownersOf(next, snapshot);
  if (owner === undefined) return null;
  const { defers, asks } = adapterOf(owner);
  if ((defers?.(owner, owner, snapshot) ?? null) !== null) return null;
  const will = asks?.(next, owner, snapshot);
  if (will === null && owner.surges === true) return `a rollout of ${workloadName(owner)} takes back what it has added`;
  const isAskedFor = will?.replicas === next.replicas;
  return isAskedFor ? `what goes was told of ${workloadName(owner)}` : null;
}
