import type { WorkloadAdapter } from '../adapter.ts';
import { readIdentity } from '../core/identity.ts';
import { maySurge, readIntOrPercent } from '../core/int-or-percent.ts';
import { countOr, listTexts, objectAt, textOf } from '../core/json.ts';
import { GROUP, INSTANCE_NAME, revisionIn } from './api.ts';
import { scaleInstances } from './instances.ts';
import { roleInstance } from './role-instance.ts';

/** RBG's RoleInstanceSet: the replicas of one role, RoleInstances of one or more pods. */
export const roleInstanceSet: WorkloadAdapter = {
  kind: 'RoleInstanceSet',
  group: GROUP,
  versions: ['v1alpha2'],
  resource: 'roleinstancesets',
  scalable: true,
  steeredBy: 'costs per RoleInstance where it is stateless; else nothing: the highest index goes',
  readsPodCosts: false,
  instances: roleInstance,

  read(object) {
    const spec = objectAt(object, 'spec');
    const { partition, maxSurge } = objectAt(spec, 'updateStrategy');
    const status = objectAt(object, 'status');
    const updateRevision = revisionIn(textOf(status.updateRevision));
    const isRolling = status.currentRevision !== status.updateRevision;
    return {
      ...readIdentity(roleInstanceSet, object),
      replicas: countOr(spec.replicas, 1),
      partition: readIntOrPercent(partition),
      minReadySeconds: countOr(spec.minReadySeconds, 0),
      ...(updateRevision !== undefined && { updateRevision }),
      ...(isRolling && maySurge(maxSurge) && { surges: true }),
      goesFirst: listTexts(objectAt(spec, 'scaleStrategy'), 'roleInstanceToDelete'),
    };
  },

  template: (object) => objectAt(object, 'spec', 'roleInstanceTemplate'),
  scale: (request, snapshot, now) => scaleInstances(request.workload, request, snapshot, now),
  unitsOf: ({ name, labels }) => [labels[INSTANCE_NAME] ?? name],
};
