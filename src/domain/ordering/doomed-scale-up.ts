import { resolvePartition } from '../fleet/workload.ts';
import { replicasOf } from './count-changes.ts';
import type { Rule } from './rule.ts';
import { describeChange } from './wording.ts';

export const doomedScaleUp: Rule = {
  name: 'doomed-scale-up',
  mode: 'warn',
  refuses: 'a scale-up of Kthena groups whose ControllerRevision holds other role replicas than the spec',
  why: 'Kthena cannot change what the ControllerRevision holds, so no group is created any more and everything after it stops too, until somebody heals it.',
  needsFleet: true,

  /** Another template is another revision, and groups that the partition protects are created by their own. */
  judge({ old, next, rollout, facts: { revision } }) {
    const [from, to] = [old.replicas, next.replicas];
    if (revision === null || rollout || !(to > from) || !(to > resolvePartition(next.partition, to))) return [];
    const held = revision.roles;
    const isOfOtherRoles =
      held.length !== next.roles.length || held.some(({ name }) => replicasOf(next, name) === null);
    const differing = held.filter(({ name, replicas }) => replicasOf(next, name) !== replicas);
    if (isOfOtherRoles || differing.length === 0) return [];
    const described = differing.map(({ name, replicas }) => `${name} at ${replicas}, not ${replicasOf(next, name)}`);
    return [
      `${describeChange({ role: null, from, to }, next)}, but ControllerRevision ${revision.name} holds ${described.join(', ')}: no group could be created; ` +
        `set the roles back to that, or first kubectl -n ${revision.namespace} delete controllerrevision ${revision.name}`,
    ];
  },
};
