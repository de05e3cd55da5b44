import type { WorkloadAdapter } from '../adapter.ts';
import { objectAt } from '../core/json.ts';
import { ordinalAfter } from '../core/ordinals.ts';
import { scaleOrdinals } from '../ordinal-pool.ts';
import { readFlatWorkload } from './flat-workload.ts';

export const statefulSetAdapter: WorkloadAdapter = {
  kind: 'StatefulSet',
  group: 'apps',
  versions: ['v1'],
  resource: 'statefulsets',
  scalable: true,
  steeredBy: 'nothing: it always deletes the highest ordinal, and `plan` says so',
  readsPodCosts: false,
  read: (object) => readFlatWorkload('StatefulSet', object),
  template: (object) => objectAt(object, 'spec', 'template'),

  unitsOf: ({ name }) => [name],

  scale(request, snapshot, now) {
    const { workload } = request;
    const units = snapshot.podsOf(workload.uid).map((pod) => ({
      name: pod.name,
      group: null,
      ordinal: ordinalAfter(workload.name, pod.name),
      ready: pod.ready,
      pods: [pod],
    }));
    return scaleOrdinals(request, units, now);
  },
};
