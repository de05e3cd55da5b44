import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { Workload } from '../../domain/fleet/workload.ts';
import { NOTHING_ASKED } from '../../domain/ordering/facts.ts';
import { NOTHING_READ, type WorkloadAdapter } from '../adapter.ts';
import { statefulSetAdapter } from '../apps/stateful-set.ts';
import { readIdentity } from '../core/identity.ts';
import { maySurge, readIntOrPercent } from '../core/int-or-percent.ts';
import { countOr, type JsonObject, objectAt } from '../core/json.ts';
import { modelServing } from '../kthena/model-serving.ts';
import { scaleOrdinals } from '../ordinal-pool.ts';
import { podsUnder } from '../owned-pods.ts';
import { groupNameOf, groupsOf } from './groups.ts';
import { NAME } from './labels.ts';
import { keptBySurge } from './surge.ts';

/** What Kthena calls the only role of a LeaderWorkerSet that it runs. */
const ONLY_ROLE = 'default';

/**
 * LeaderWorkerSet: groups of a leader and its workers, of which the highest index goes, whatever pods cost. Where
 * Kthena runs it (it makes a ModelServing of the same name and owned by it), Kthena's order holds instead.
 */
export const leaderWorkerSet: WorkloadAdapter = {
  kind: 'LeaderWorkerSet',
  group: 'leaderworkerset.x-k8s.io',
  versions: ['v1'],
  resource: 'leaderworkersets',
  scalable: true,
  steeredBy: 'nothing: the highest group index goes; where Kthena runs it, costs at its ModelServing',
  readsPodCosts: false,
  read: readLeaderWorkerSet,
  template: (object) => objectAt(object, 'spec', 'leaderWorkerTemplate'),

  scale(request, snapshot, now) {
    const { workload, role } = request;
    if (role !== null) return NOTHING_READ;
    const serving = servingOf(workload, snapshot);
    if (serving !== undefined) {
      const asServing = { ...request, workload: { ...serving, replicas: request.to } };
      const { pools, ...reading } = modelServing.scale(asServing, snapshot, now);
      return { ...reading, pools: pools.map((pool) => ({ ...pool, request })) };
    }
    const size = 1 + (workload.roles[0]?.workers ?? 0);
    const groups = groupsOf(podsUnder(workload.uid, snapshot), size);
    return keptBySurge(workload, request, groups, snapshot) ?? scaleOrdinals(request, groups, now);
  },

  /**
   * The leaders' StatefulSet has as many replicas, and more where a rollout may add some; so many has Kthena's
   * ModelServing. The one of a group's workers is never resized by its controller.
   */
  asks(owned, { name, replicas, roles: [only], surges = false }) {
    const ofGroups = { replicas, roles: new Map() };
    if (owned.kind === modelServing.kind) return ofGroups;
    if (owned.kind !== statefulSetAdapter.kind) return NOTHING_ASKED;
    if (owned.name !== name) return { replicas: only?.workers ?? 0, roles: new Map() };
    return surges && owned.replicas > replicas ? null : ofGroups;
  },

  defers: (_old, next, snapshot) =>
    servingOf(next, snapshot) === undefined ? null : 'its groups are chosen when Kthena resizes its ModelServing',

  unitsOf: (pod) => [groupNameOf(pod) ?? pod.name],
  nameFromLabels: ({ labels }) => labels[NAME] ?? null,
};

function readLeaderWorkerSet(object: JsonObject): Workload {
  const spec = objectAt(object, 'spec');
  const rollout = objectAt(spec, 'rolloutStrategy', 'rollingUpdateConfiguration');
  const size = countOr(objectAt(spec, 'leaderWorkerTemplate').size, 1);
  return {
    ...readIdentity(leaderWorkerSet, object),
    replicas: countOr(spec.replicas, 1),
    partition: readIntOrPercent(rollout.partition),
    surges: maySurge(rollout.maxSurge),
    roles: [{ name: ONLY_ROLE, replicas: 1, workers: size - 1, gangMinimum: null, partition: null, dependencies: [] }],
  };
}

function servingOf(workload: Workload, snapshot: Snapshot): Workload | undefined {
  return snapshot.workloadsOf(workload.uid).find(({ kind }) => kind === modelServing.kind);
}
