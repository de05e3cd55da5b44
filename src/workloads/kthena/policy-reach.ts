import type { Counts } from '../../domain/ordering/facts.ts';
import { compareFractions, type RoleRatio } from '../../domain/ordering/role-ratio.ts';
import { type AutoscalerKind, endsOf, type Reach, statesOf } from '../autoscaling/reach.ts';
import { type JsonObject, listAt, objectAt, textOf } from '../core/json.ts';
import { readCount } from '../core/read-count.ts';
import { readAutoscalingPolicy } from './autoscaling-policy.ts';
import { modelServing } from './model-serving.ts';

/** Kthena's: groups of one ModelServing or of several, or roles of one. */
export const autoscalingPolicy: AutoscalerKind = {
  kind: 'AutoscalingPolicy',
  group: modelServing.group,
  versions: modelServing.versions,
  resource: 'autoscalingpolicies',

  reaches(object) {
    const { homogeneousTarget, heterogeneousTarget, disaggregatedTarget } = objectAt(object, 'spec');
    const single = homogeneousTarget === undefined ? [] : [objectAt(homogeneousTarget)];
    const ofGroups = [...single, ...listAt(heterogeneousTarget, 'params')].map(groupsReach);
    return disaggregatedTarget === undefined ? ofGroups : [...ofGroups, rolesReach(object)];
  },
};

function groupsReach(target: JsonObject): Reach {
  return { target: targetOf(objectAt(target, 'target')), states: statesOf(rangeOf(target)), ratio: null };
}

/** Every end of one role with every end of the other. */
function rolesReach(object: JsonObject): Reach {
  const target = objectAt(object, 'spec', 'disaggregatedTarget');
  const ratio = readAutoscalingPolicy(object)?.ratio ?? null;
  const pairs = Object.keys(objectAt(target, 'roles')).reduce<readonly ReadonlyMap<string, number>[]>(
    (states, role) => {
      const range = rangeOf(objectAt(target, 'roles', role));
      return states.flatMap((state) => range.map((count) => new Map([...state, [role, count]])));
    },
    [new Map()],
  );
  const kept = pairs.filter((roles) => ratio === null || isKept(roles, ratio));
  return { target: targetOf(target), states: kept.map((roles): Counts => ({ replicas: null, roles })), ratio };
}

/** Kthena's autoscaler keeps to the ratio of its own policy, and gives a side at zero one replica while the other is not. */
function isKept(roles: ReadonlyMap<string, number>, { numerator, denominator, min, max }: RoleRatio): boolean {
  const [over, under] = [roles.get(numerator) ?? 0, roles.get(denominator) ?? 0];
  if (over === 0 || under === 0) return over === under;
  const fraction = { over: BigInt(over), under: BigInt(under) };
  return compareFractions(fraction, min) >= 0 && compareFractions(fraction, max) <= 0;
}

function rangeOf(bounds: JsonObject): readonly number[] {
  return endsOf(readCount(bounds, 'minReplicas', 0), readCount(bounds, 'maxReplicas', Number.NaN));
}

function targetOf(holder: JsonObject): Reach['target'] {
  const { group, kind } = modelServing;
  const { kind: given, name, namespace } = objectAt(holder, 'targetRef');
  return { group, kind: textOf(given) || kind, namespace: textOf(namespace) ?? '', name: textOf(name) ?? '' };
}
