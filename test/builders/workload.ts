import type { IntOrPercent, Role, Workload } from '../../src/domain/fleet/workload.ts';
import { parseRoleRatio } from '../../src/domain/ordering/role-ratio.ts';
import type { Change } from '../../src/domain/ordering/rule.ts';

/** Roles by name, in order: a number of replicas, or the fields that matter. */
export type RoleCounts = Readonly<Record<string, number | Partial<Omit<Role, 'name'>>>>;

/** A ModelServing: `serving(4, { prefill: 1, decode: { replicas: 2, gangMinimum: 2 } })`. */
export function serving(replicas: number, roles: RoleCounts, rest: Partial<Workload> = {}): Workload {
  return {
    group: 'workload.serving.volcano.sh',
    kind: 'ModelServing',
    namespace: 'default',
    name: 'llama',
    uid: 'uid-of-llama',
    annotations: {},
    owner: null,
    replicas,
    firstOrdinal: 0,
    roles: Object.entries(roles).map(([name, fields]) => role(name, fields)),
    partition: null,
    gangMinimum: null,
    ...rest,
  };
}

/** A workload without roles. */
export function deployment(replicas: number, rest: Partial<Workload> = {}): Workload {
  return serving(replicas, {}, { group: 'apps', kind: 'Deployment', name: 'web', uid: 'uid-of-web', ...rest });
}

/** A partition as an object writes it: `3` or `'50%'`. */
export function partition(value: number | `${number}%`): IntOrPercent {
  return typeof value === 'number' ? { kind: 'int', value } : { kind: 'percent', value: Number.parseInt(value, 10) };
}

/** A change without a rollout, at most 10,000 replicas; `ratio` as the annotation writes it. */
export function change(
  old: Workload,
  next: Workload,
  { ratio, ...rest }: Partial<Omit<Change, 'old' | 'next' | 'ratio'>> & { readonly ratio?: string } = {},
): Change {
  return {
    old,
    next,
    rollout: false,
    ratio: ratio === undefined ? null : parseRoleRatio(ratio),
    maxReplicas: 10_000,
    ...rest,
  };
}

function role(name: string, fields: RoleCounts[string]): Role {
  const given = typeof fields === 'number' ? { replicas: fields } : fields;
  return { name, replicas: 1, workers: 0, gangMinimum: null, partition: null, dependencies: [], ...given };
}
