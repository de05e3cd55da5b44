import type { Pod } from '../../domain/fleet/pod.ts';
import { highestOrdinal } from '../../domain/victims/highest-ordinal.ts';
import { vacancies } from '../../domain/victims/vacancies.ts';
import type { WorkloadAdapter } from '../adapter.ts';
import { objectAt } from '../core/json.ts';
import { readFlatWorkload } from './flat-workload.ts';

export const statefulSetAdapter: WorkloadAdapter = {
  kind: 'StatefulSet',
  group: 'apps',
  resource: 'statefulsets',
  readsPodCosts: false,
  read: (object) => readFlatWorkload('StatefulSet', object),
  template: (object) => objectAt(object, 'spec', 'template'),

  unitsOf: ({ name }) => [name],

  scale(request, snapshot, now) {
    const { workload } = request;
    const candidates = snapshot
      .podsOf(workload.uid)
      .map((pod) => ({
        name: pod.name,
        group: null,
        role: null,
        replica: null,
        ordinal: ordinalOf(pod, workload.name),
        ready: pod.ready,
        deleting: pod.deleting,
        anchor: false,
        pods: [pod],
        entryPods: [],
      }))
      .sort((a, b) => a.ordinal - b.ordinal);
    const ordinals = candidates.map(({ ordinal }) => ordinal);
    const created = vacancies(ordinals, request.to, workload.firstOrdinal).map(
      (ordinal) => `${workload.name}-${ordinal}`,
    );
    const pool = {
      request,
      consumer: highestOrdinal,
      candidates,
      before: request.from,
      wanted: request.to,
      firstOrdinal: workload.firstOrdinal,
      partition: 0,
      partitionBefore: 0,
      frozen: false,
      related: new Map<string, number>(),
      now,
    };
    return { pools: [pool], created, warnings: [] };
  },
};

function ordinalOf(pod: Pod, setName: string): number {
  const ordinal = Number(pod.name.slice(setName.length + 1));
  return Number.isInteger(ordinal) ? ordinal : -1;
}
