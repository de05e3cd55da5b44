import { missingOrdinals } from '../../domain/victims/vacancies.ts';
import type { WorkloadAdapter } from '../adapter.ts';
import { objectAt } from '../core/json.ts';
import { ordinalAfter } from '../core/ordinals.ts';
import { ordinalPool } from '../ordinal-pool.ts';
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
    const { name, firstOrdinal } = workload;
    const units = snapshot.podsOf(workload.uid).map((pod) => ({
      name: pod.name,
      group: null,
      ordinal: ordinalAfter(name, pod.name),
      ready: pod.ready,
      pods: [pod],
    }));
    const ordinals = units.map(({ ordinal }) => ordinal);
    const created = missingOrdinals(ordinals, request.to, firstOrdinal).map((ordinal) => `${name}-${ordinal}`);
    const pool = ordinalPool(request, units, now, firstOrdinal);
    return { pools: [pool], created, warnings: [] };
  },
};
