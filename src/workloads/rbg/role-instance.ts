import { COST_OWNER, VICTIM } from '../../domain/fleet/annotations.ts';
import { readVictimMark } from '../../domain/fleet/victim-mark.ts';
import type { InstanceReader } from '../adapter.ts';
import { listAt, objectAt, timeOf } from '../core/json.ts';
import { readMetadata } from '../core/metadata.ts';
import { CONTROLLER_REVISION } from '../template-revision.ts';
import { GROUP, INSTANCE_DELETION_COST, PATTERN, revisionIn } from './api.ts';

/** Whatever its value, the RoleInstanceSet deletes this one first: people set it, and rollouts do. */
const DELETE = 'rbg.workloads.x-k8s.io/role-instance-delete';
/** PreparingDelete while a hook holds up a deletion that has been decided. */
const LIFECYCLE = 'rbg.workloads.x-k8s.io/role-instance-lifecycle-state';

/** RBG's RoleInstance: the pods of one replica of a role, deleted as a whole. */
export const roleInstance: InstanceReader = {
  group: GROUP,
  kind: 'RoleInstance',
  resource: 'roleinstances',

  isReadBy: ({ annotations }) => annotations[PATTERN] === 'Stateless',

  read(object) {
    const { namespace, name, uid, labels, annotations, controller, deleting } = readMetadata(object);
    const metadata = objectAt(object, 'metadata');
    const ready = listAt(object, 'status', 'conditions').find(({ type }) => type === 'RoleInstanceReady');
    const isReady = ready?.status === 'True';
    return {
      place: { group: GROUP, kind: 'RoleInstance', resource: 'roleinstances', annotation: INSTANCE_DELETION_COST },
      namespace,
      name,
      uid,
      labels,
      controller,
      revision: revisionIn(labels[CONTROLLER_REVISION]) ?? null,
      components: listAt(object, 'status', 'componentStatuses').length,
      ready: isReady,
      readySince: isReady ? timeOf(ready.lastTransitionTime) : null,
      created: timeOf(metadata.creationTimestamp) ?? 0,
      deleting,
      goesFirst: labels[DELETE] !== undefined || labels[LIFECYCLE] === 'PreparingDelete',
      cost: annotations[INSTANCE_DELETION_COST] ?? null,
      costOwner: annotations[COST_OWNER] ?? null,
      victim: readVictimMark(annotations[VICTIM]),
    };
  },
};
