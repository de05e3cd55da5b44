import type { Member } from '../../domain/fleet/workload.ts';
import { deployment } from '../apps/deployment.ts';
import { replicaSetAdapter } from '../apps/replica-set.ts';
import { statefulSetAdapter } from '../apps/stateful-set.ts';
import { isObject, type JsonObject, listAt, numberOf, objectAt, textOf } from '../core/json.ts';
import { modelServing } from '../kthena/model-serving.ts';
import { leaderWorkerSet } from '../lws/leader-worker-set.ts';
import { roleBasedGroup } from '../rbg/role-based-group.ts';

/** What can be bound: references name kinds in any case, and often without their API group. */
const BINDABLE = [deployment, statefulSetAdapter, replicaSetAdapter, roleBasedGroup, leaderWorkerSet, modelServing];

/**
 * What a ResourceScalingGroup binds, in any namespace: the user's own resources, which are group 0 of those that it
 * copies, or the leader and the followers that it scales in place. `namespace` is its own.
 */
export function readMembers(spec: JsonObject, namespace: string): readonly Member[] {
  const resources = [...listAt(spec, 'group', 'targetResources'), ...listAt(spec, 'targetResources')];
  const inPlace = objectAt(spec, 'scalingStrategy', 'leaderFollowerConfig');
  const { leader } = inPlace;
  if (!isObject(leader)) return resources.flatMap((resource) => memberOf(resource, namespace, null));
  // A leader or follower names its resource by a reference, or by what the list of resources calls it.
  const byName = new Map([...resources].reverse().map((resource) => [resource.name, resource]));
  const referred = (entry: JsonObject) => {
    const named = byName.get(entry.name);
    return entry.kind === undefined && entry.targetRef === undefined ? (named ?? entry) : entry;
  };
  return [
    ...memberOf(referred(leader), namespace, 1),
    ...listAt(inPlace, 'follower').flatMap((follower) =>
      memberOf(referred(follower), namespace, ratioOf(follower.followRatio)),
    ),
  ];
}

function memberOf(resource: JsonObject, namespace: string, perLeader: number | null): readonly Member[] {
  const reference = { ...resource, ...objectAt(resource, 'targetRef') };
  const kind = textOf(reference.kind)?.toLowerCase();
  const name = textOf(reference.name);
  const known = BINDABLE.find((adapter) => adapter.kind.toLowerCase() === kind);
  if (known === undefined || name === null) return [];
  const { group, kind: Kind } = known;
  return [{ group, kind: Kind, namespace: textOf(reference.namespace) ?? namespace, name, perLeader }];
}

/** A ratio as a number or a decimal text. */
function ratioOf(value: unknown): number {
  return numberOf(value) ?? (/^\d+(\.\d+)?$/.test(textOf(value) ?? '') ? Number(value) : Number.NaN);
}
