import { CodedError } from '../domain/coded-error.ts';
import { ROLE_RATIO } from '../domain/fleet/annotations.ts';
import type { RoleRatio } from '../domain/fleet/ratio-policy.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadName } from '../domain/fleet/workload.ts';
import { roleOrderOf } from '../domain/ordering/count-changes.ts';
import { parseRoleRatio } from '../domain/ordering/role-ratio.ts';
import { annotationFor, ownersOf } from './owners-above.ts';
import { adapterOf } from './registry.ts';

export interface DeclaredRatio {
  readonly ratio: RoleRatio | null;
  /** Whether another object declares it, as the fleet has that. */
  readonly isLookedUp: boolean;
  readonly warnings: readonly string[];
}

const NONE: DeclaredRatio = { ratio: null, isLookedUp: false, warnings: [] };

/**
 * The ratio that the workload or what owns it declares by annotation, or else what something beside it declares,
 * `beside` before others. One of roles that it does not have counts for none.
 */
export function ratioOf(workload: Workload, snapshot: Snapshot, beside: RoleRatio | null = null): DeclaredRatio {
  const text = annotationFor(workload, ROLE_RATIO, snapshot);
  if (text === undefined) {
    const ratio = beside ?? adapterOf(workload).declaredRatio?.(workload, snapshot) ?? null;
    return ratio === null ? NONE : held(ratio, 'the ratio declared for it', workload, true);
  }
  const isLookedUp = workload.annotations[ROLE_RATIO] !== text;
  const above = ownersOf(workload, snapshot).find((owner) => adapterOf(owner).rolesAreTemplates === true);
  if (above !== undefined) {
    const warning = `${ROLE_RATIO} of ${workloadName(above)} is about what it creates, and not looked at where ${workloadName(workload)} is scaled by itself`;
    return { ...NONE, warnings: [warning] };
  }
  try {
    return held(parseRoleRatio(text), ROLE_RATIO, workload, isLookedUp);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { ...NONE, warnings: [error.message] };
  }
}

/** Of a workload that the fleet does not show no role is known. */
function held(ratio: RoleRatio, source: string, workload: Workload, isLookedUp: boolean): DeclaredRatio {
  const roles = new Set([...workload.roles.map(({ name }) => name), ...roleOrderOf(workload)]);
  const missing = [ratio.numerator, ratio.denominator].filter((role) => !roles.has(role));
  if (roles.size === 0 || missing.length === 0) return { ratio, isLookedUp, warnings: [] };
  // An owner's annotation is about the owner's roles, which may have workloads of their own.
  if (source === ROLE_RATIO && isLookedUp) return NONE;
  const what = missing.length === 1 ? 'which is no role' : 'which are no roles';
  const warning = `${source} names ${missing.join(' and ')}, ${what} of it, and is ignored; its roles are ${[...roles].join(', ')}`;
  return { ...NONE, warnings: [warning] };
}
