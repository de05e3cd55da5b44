import { CodedError } from '../domain/coded-error.ts';
import { ROLE_RATIO } from '../domain/fleet/annotations.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { parseRoleRatio, type RoleRatio } from '../domain/ordering/role-ratio.ts';
import { adapterOf } from './registry.ts';

/** The ratio that the workload declares itself, or else what something beside it declares, `beside` before others. */
export function ratioOf(
  workload: Workload,
  snapshot: Snapshot,
  beside: RoleRatio | null = null,
): { readonly ratio: RoleRatio | null; readonly warnings: readonly string[] } {
  const text = workload.annotations[ROLE_RATIO];
  if (text === undefined)
    return { ratio: beside ?? adapterOf(workload).declaredRatio?.(workload, snapshot) ?? null, warnings: [] };
  try {
    return { ratio: parseRoleRatio(text), warnings: [] };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { ratio: null, warnings: [error.message] };
  }
}
