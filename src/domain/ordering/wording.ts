import type { Workload } from '../fleet/workload.ts';
import type { CountChange } from './count-changes.ts';
import type { Facts } from './facts.ts';

/** `role decode goes from 4 to 2`, as a clause of a finding's sentence. */
export function describeChange({ role, from, to }: CountChange, workload: Workload): string {
  if (role === null) return `${groupNoun(workload)}s go from ${from} to ${to}`;
  if (from === null) return `role ${role} is added`;
  return to === null ? `role ${role} is removed` : `role ${role} goes from ${from} to ${to}`;
}

/** What a workload's own count counts: groups of roles, or plain replicas. */
export function groupNoun(workload: Workload): 'group' | 'replica' {
  return workload.roles.length === 0 ? 'replica' : 'group';
}

/** `1 replica`, `2 replicas`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What a count counts: replicas of a role, or what the workload's own count counts. */
export function replicaNoun(role: string | null, workload: Workload): 'group' | 'replica' {
  return role === null ? groupNoun(workload) : 'replica';
}

/** What to scale for a role: the object that counts it in the workload's place, or else the role itself. */
export function scalerOf(role: string, { scalers }: Facts): string {
  return scalers.get(role) ?? `role ${role}`;
}

/** The way out where one of two roles would be at zero without the other. */
export function bothToZero(role: string): string {
  return `scale both to 0 in one update, or keep at least 1 replica of ${role}`;
}

/** How many of the names are shown that somebody may choose from. */
export const CHOICES = 20;

/**
 * The first names of a list and how many more there are: messages are for people, and warnings best under 120
 * characters.
 */
export function abridged(names: readonly string[], shown = 3): string {
  return names.length <= shown
    ? names.join(', ')
    : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
}
