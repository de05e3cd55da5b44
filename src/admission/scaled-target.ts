import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadName } from '../domain/fleet/workload.ts';
import type { ChangeReading } from './change-reading.ts';

/**
 * What a change of a scaler means for what it scales: the same change of one role there, which is what rules are about.
 * A change of anything else, or of a scaler whose target the fleet does not show, is what it is.
 */
export function throughTarget(reading: ChangeReading, snapshot: Snapshot): ChangeReading {
  const { old, next } = reading;
  const { target } = next;
  if (target === undefined) return reading;
  const known = snapshot.workload(target);
  if (known === undefined) {
    const warning = `${workloadName(target)}, which ${workloadName(next)} scales, is not in the fleet (yet): only its count was checked`;
    return { ...reading, warnings: [...reading.warnings, warning] };
  }
  const { role } = target;
  // A role that is scaled only from outside is no part of what the target counts.
  if (role !== null && !known.roles.some(({ name }) => name === role)) return reading;
  const scaled = (replicas: number): Workload =>
    role === null
      ? { ...known, replicas }
      : { ...known, roles: known.roles.map((other) => (other.name === role ? { ...other, replicas } : other)) };
  return { ...reading, old: scaled(old.replicas), next: scaled(next.replicas), isLookedUp: true };
}
