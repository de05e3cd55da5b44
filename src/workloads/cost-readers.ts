import type { CostCarrier, Instance } from '../domain/fleet/instance.ts';
import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { adapterOfInstances, ownerAdapterOf } from './registry.ts';

/** The kind whose pods obey costs that owns this pod, or undefined: whose controller reads nothing gets no cost. */
export function costReaderOf(pod: Pod, snapshot: Snapshot): Workload | undefined {
  const { controller, namespace } = pod;
  const adapter = ownerAdapterOf(pod);
  if (controller === null || adapter === undefined || !adapter.readsPodCosts) return undefined;
  const { group, kind } = adapter;
  const workload = snapshot.workload({ group, kind, namespace, name: controller.name });
  return workload?.uid === controller.uid ? workload : undefined;
}

/** The workload whose controller reads a cost, on the pod or on what carries it in the pods' place. */
export function readerOf(carrier: CostCarrier, snapshot: Snapshot): Workload | undefined {
  const { place, controller, namespace } = carrier;
  if (place === undefined) return costReaderOf(carrier, snapshot);
  const adapter = adapterOfInstances(place.group, place.kind);
  if (adapter === undefined || controller === null) return undefined;
  return snapshot.workload({ group: adapter.group, kind: adapter.kind, namespace, name: controller.name });
}

/** What carries the cost in a pod's place. */
export function instanceOf({ controller, namespace }: Pod, snapshot: Snapshot): Instance | undefined {
  const instance = controller === null ? undefined : snapshot.instance(namespace, controller.name);
  return instance?.uid === controller?.uid ? instance : undefined;
}

/** A pod or an instance as the snapshot has it now; undefined when it is gone. */
export function currentOf({ namespace, name, uid, place }: CostCarrier, snapshot: Snapshot): CostCarrier | undefined {
  const found = place === undefined ? snapshot.pod(namespace, name) : snapshot.instance(namespace, name);
  return found?.uid === uid ? found : undefined;
}
