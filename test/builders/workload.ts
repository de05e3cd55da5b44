import type { RatioPolicy } from '../../src/domain/fleet/ratio-policy.ts';
import type { IntOrPercent, Role, Workload, WorkloadKey } from '../../src/domain/fleet/workload.ts';
import { type Facts, NOTHING_KNOWN, type Observed } from '../../src/domain/ordering/facts.ts';
import { parseRoleRatio } from '../../src/domain/ordering/role-ratio.ts';
import { type Change, type CountedChange, countedChange } from '../../src/domain/ordering/rule.ts';

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
    labels: {},
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

/** Who rolls from one ReplicaSet to the next, and the prefix of what they note on these. */
interface Roller {
  readonly apiVersion: string;
  readonly kind: string;
  readonly prefix: string;
}

const DEPLOYMENT: Roller = { apiVersion: 'apps/v1', kind: 'Deployment', prefix: 'deployment.kubernetes.io' };
export const ARGO: Roller = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', prefix: 'rollout.argoproj.io' };

/** The ReplicaSet of one rollout of `deployment`, or of a namesake, which wants `desired` of all its ReplicaSets. */
export function rolledReplicaSet(rollout: number, replicas: number, desired: number, by = DEPLOYMENT): Workload {
  const { apiVersion, kind, prefix } = by;
  return deployment(replicas, {
    kind: 'ReplicaSet',
    name: `web-${rollout}`,
    uid: `uid-of-web-${rollout}`,
    owner: { apiVersion, kind, name: 'web', uid: 'uid-of-web' },
    annotations: { [`${prefix}/desired-replicas`]: `${desired}`, [`${prefix}/revision`]: `${rollout}` },
  });
}

/** A partition as an object writes it: `3` or `'50%'`. */
export function partition(value: number | `${number}%`): IntOrPercent {
  return typeof value === 'number' ? { kind: 'int', value } : { kind: 'percent', value: Number.parseInt(value, 10) };
}

export type ChangeFields = Partial<Pick<Change, 'rollout' | 'maxReplicas' | 'cooldown'>> & {
  readonly ratio?: string;
  readonly facts?: Partial<Facts>;
};

/**
 * A change without a rollout, at most 10,000 replicas, of which nothing else is known; `ratio` as the annotation writes
 * it.
 */
export function change(old: Workload, next: Workload, { ratio, facts, ...rest }: ChangeFields = {}): CountedChange {
  return countedChange({
    old,
    next,
    rollout: false,
    ratio: ratio === undefined ? null : parseRoleRatio(ratio),
    maxReplicas: 10_000,
    cooldown: 300_000,
    facts: { ...NOTHING_KNOWN, ...facts },
    ...rest,
  });
}

function role(name: string, fields: RoleCounts[string]): Role {
  const given = typeof fields === 'number' ? { replicas: fields } : fields;
  return { name, replicas: 1, workers: 0, gangMinimum: null, partition: null, dependencies: [], ...given };
}

/** Two replicas, all there and ready, none coming or going, an hour old. */
export function observed(rest: Partial<Observed>): Observed {
  return { wanted: 2, present: 2, ready: 2, starting: 0, deleting: 0, missing: [], age: 3_600_000, ...rest };
}

/** An AutoscalingPolicy that asks for as many prefills as decodes of a workload. */
export function evenRatio(target: WorkloadKey): RatioPolicy {
  const one = { over: 1n, under: 1n };
  const ratio = { numerator: 'prefill', denominator: 'decode', rounds: true, min: one, max: one };
  return { namespace: 'default', name: 'p', target, ratio };
}
