import { CodedError } from '../../domain/coded-error.ts';
import type { TargetRange } from '../../domain/fleet/autoscaler.ts';
import type { RoleRatio } from '../../domain/fleet/ratio-policy.ts';
import type { Counts } from '../../domain/ordering/facts.ts';
import { distanceTo } from '../../domain/ordering/role-ratio.ts';
import { type AutoscalerKind, endsOf, type Reach, statesOf } from '../autoscaling/reach.ts';
import { type JsonObject, objectAt } from '../core/json.ts';
import { readAutoscalingPolicy } from './autoscaling-policy.ts';
import { groupBounds, readBounds, targetOf } from './group-bounds.ts';
import { modelServing } from './model-serving.ts';

/** Kthena's: groups of one ModelServing or of several, or roles of one. */
export const autoscalingPolicy: AutoscalerKind = {
  kind: 'AutoscalingPolicy',
  group: modelServing.group,
  versions: modelServing.versions,
  resource: 'autoscalingpolicies',

  reaches(object) {
    const { disaggregatedTarget } = objectAt(object, 'spec');
    const ofGroups = groupBounds(object).map(groupsReach);
    return disaggregatedTarget === undefined ? ofGroups : [...ofGroups, rolesReach(object)];
  },
};

function groupsReach({ target, minReplicas, maxReplicas }: TargetRange): Reach {
  return { target, states: statesOf(endsOf(minReplicas, maxReplicas)), ratio: null };
}

/** What is refused is looked for between each of them and each other: three roles have 27 at the most. */
const MOST_STATES = 32;

/** Every end of one role with every end of the others. */
function rolesReach(object: JsonObject): Reach {
  const target = objectAt(object, 'spec', 'disaggregatedTarget');
  const ratio = readAutoscalingPolicy(object)?.ratio ?? null;
  const pairs = Object.keys(objectAt(target, 'roles')).reduce<readonly ReadonlyMap<string, number>[]>(
    (states, role) => {
      const { minReplicas, maxReplicas } = readBounds(objectAt(target, 'roles', role));
      const ends = endsOf(minReplicas, maxReplicas);
      if (states.length * ends.length > MOST_STATES) throw tooManyStates();
      return states.flatMap((state) => ends.map((count) => new Map([...state, [role, count]])));
    },
    [new Map()],
  );
  const kept = pairs.filter((roles) => ratio === null || isKept(roles, ratio));
  return { target: targetOf(target), states: kept.map((roles): Counts => ({ replicas: null, roles })), ratio };
}

function tooManyStates(): CodedError {
  const problem = 'spec.disaggregatedTarget may bring its roles to too many states';
  return new CodedError(
    'TooManyStates',
    `${problem}, and packdown looked at none; see that no rule refuses its bounds`,
  );
}

/**
 * Kthena's autoscaler keeps to the ratio of its own policy, and gives a side at zero one replica while the other is
 * not.
 */
function isKept(roles: ReadonlyMap<string, number>, ratio: RoleRatio): boolean {
  const [over, under] = [roles.get(ratio.numerator) ?? 0, roles.get(ratio.denominator) ?? 0];
  if (over === 0 || under === 0) return over === under;
  return distanceTo(ratio, over, under).over === 0n;
}
