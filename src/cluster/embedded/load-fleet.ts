import { CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml';
import { CodedError, messageOf } from '../../domain/coded-error.ts';
import type { Instance } from '../../domain/fleet/instance.ts';
import type { OwnerReference, Pod } from '../../domain/fleet/pod.ts';
import type { RatioPolicy } from '../../domain/fleet/ratio-policy.ts';
import type { Revision } from '../../domain/fleet/revision.ts';
import { type Workload, workloadId } from '../../domain/fleet/workload.ts';
import { readHorizontalPodAutoscaler } from '../../workloads/autoscaling/horizontal-pod-autoscaler.ts';
import { isObject, type JsonObject, listAt, objectAt, textOf } from '../../workloads/core/json.ts';
import { readMetadata } from '../../workloads/core/metadata.ts';
import { readNode } from '../../workloads/core/node.ts';
import { readPod } from '../../workloads/core/pod.ts';
import { readAutoscalingPolicy } from '../../workloads/kthena/autoscaling-policy.ts';
import { readControllerRevision } from '../../workloads/kthena/controller-revision.ts';
import { readGroupAutoscaler } from '../../workloads/kthena/group-bounds.ts';
import { keyOf } from '../../workloads/owners-above.ts';
import { adapterOfInstances, adapterOfKind, adapters, groupOf } from '../../workloads/registry.ts';
import { FleetIndex } from '../fleet-index.ts';
import { addMissingReplicaSets } from './missing-replica-sets.ts';

/** With `<<: *anchor`, as kubectl reads it. */
const SCHEMA = CORE_SCHEMA.withTags(mergeTag);

/**
 * Reads a fleet from ordinary Kubernetes objects: a List, or many documents, in YAML or JSON, as
 * `kubectl get nodes,pods,modelservings -A -o yaml` prints them. Kinds that packdown has no use for are passed over.
 * What the file leaves out is filled in: uids, owner uids by kind and name, owners by their labels, ReplicaSets, that
 * what is on a node runs and is ready.
 * Throws CodedError `UnreadableFleet` that names the object; `source` is the file's name for that sentence.
 */
export function loadFleet(text: string, source: string): FleetIndex {
  const objects = documentsOf(text, source).flatMap((document) => itemsOf(document, source));
  if (objects.length === 0) throw unreadable(source, 'it holds no Kubernetes object');
  const fleet = new FleetIndex();
  const addAll = (some: readonly JsonObject[]) => {
    for (const object of some) {
      try {
        add(object, fleet);
      } catch (error) {
        throw unreadable(source, `${nameOf(object)}: ${messageOf(error)}`);
      }
    }
  };
  // Owners before what they own, whatever the order of the file.
  const isPod = (object: JsonObject) => object.kind === 'Pod' && object.apiVersion === 'v1';
  addAll(objects.filter((object) => !isPod(object)));
  for (const workload of [...fleet.workloads()]) {
    fleet.putWorkload({ ...workload, owner: resolveOwner(workload.owner, workload.namespace, fleet) });
  }
  for (const instance of [...fleet.instances()]) {
    fleet.putInstance({ ...instance, controller: resolveOwner(instance.controller, instance.namespace, fleet) });
  }
  addAll(objects.filter(isPod));
  addMissingReplicaSets(fleet);
  return fleet;
}

function documentsOf(text: string, source: string): readonly unknown[] {
  try {
    return loadAll(text, { filename: source, schema: SCHEMA });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const [problem = error.reason] = error.message.split('\n', 1);
    // What two files that were put together look like.
    const wayOut = error.reason.startsWith('duplicated')
      ? '; between two documents there is to be a line with ---'
      : '';
    throw unreadable(source, problem + wayOut);
  }
}

function itemsOf(document: unknown, source: string): readonly JsonObject[] {
  if (!isObject(document)) return [];
  const { kind, items } = document;
  if (!textOf(kind)?.endsWith('List') || !Array.isArray(items)) return [document];
  if (!items.every(isObject)) throw unreadable(source, `an item of its ${kind} is no object`);
  return items.flatMap((item) => itemsOf(item, source));
}

function add(given: JsonObject, fleet: FleetIndex): void {
  const apiVersion = textOf(given.apiVersion) ?? '';
  const kind = textOf(given.kind);
  if (kind === null) throw new CodedError('UnreadableObject', 'it has no kind');
  const { namespace, name, labels, annotations } = readMetadata(given);
  if (name === '') throw new CodedError('UnreadableObject', 'it has no metadata.name');
  // As kubectl applies it.
  const object = namespace === '' ? inNamespace('default', given) : given;
  switch (`${apiVersion}/${kind}`) {
    case 'v1/Node':
      fleet.putNode(readNode(object));
      break;
    case 'v1/Namespace':
      fleet.putNamespace({ name, labels, annotations });
      break;
    case 'v1/Pod':
      addPod(inState(readPod(object), objectAt(object, 'status')), fleet);
      break;
    case 'autoscaling/v1/HorizontalPodAutoscaler':
    case 'autoscaling/v2/HorizontalPodAutoscaler':
      fleet.putAutoscaler(readHorizontalPodAutoscaler(object));
      break;
    case 'apps/v1/ControllerRevision':
      addRevision(readControllerRevision(object), fleet);
      break;
    case 'workload.serving.volcano.sh/v1alpha1/AutoscalingPolicy':
      addRatioPolicy(readAutoscalingPolicy(object), fleet);
      fleet.putAutoscaler(readGroupAutoscaler(kind, object));
      break;
    case 'workload.serving.volcano.sh/v1alpha1/AutoscalingPolicyBinding':
      fleet.putAutoscaler(readGroupAutoscaler(kind, object));
      break;
    default:
      addWorkload(adapterOfKind(groupOf(apiVersion), kind)?.read(object), fleet);
      addInstance(adapterOfInstances(groupOf(apiVersion), kind)?.instances?.read(object), fleet);
  }
}

function inNamespace(namespace: string, object: JsonObject): JsonObject {
  return { ...object, metadata: { ...objectAt(object, 'metadata'), namespace } };
}

/**
 * A uid that the file leaves out is stood in for by the id: the same for the object and for whoever names it as owner.
 */
function addWorkload(workload: Workload | undefined, fleet: FleetIndex): void {
  if (workload === undefined) return;
  for (const { replicas } of [workload, ...workload.roles]) {
    if (Number.isSafeInteger(replicas) && replicas >= 0) continue;
    throw new CodedError(
      'UnreadableObject',
      'a count of replicas in it is no whole number from 0 on; write it without quotes',
    );
  }
  fleet.putWorkload({ ...workload, uid: workload.uid || workloadId(workload) });
}

function addRevision(revision: Revision | null, fleet: FleetIndex): void {
  if (revision !== null) fleet.putRevision(revision);
}

function addRatioPolicy(policy: RatioPolicy | null, fleet: FleetIndex): void {
  if (policy !== null) fleet.putRatioPolicy(policy);
}

function addInstance(instance: Instance | undefined, fleet: FleetIndex): void {
  if (instance === undefined) return;
  const { group, kind } = instance.place;
  fleet.putInstance({ ...instance, uid: instance.uid || workloadId({ ...instance, group, kind }) });
}

/** On a node and without a word of its phase it runs; running and without a condition it is ready. */
function inState(pod: Pod, status: JsonObject): Pod {
  const phase = textOf(status.phase) === null && pod.node !== null ? 'Running' : pod.phase;
  const isTold = listAt(status, 'conditions').length > 0;
  return { ...pod, phase, ready: isTold ? pod.ready : phase === 'Running' };
}

function addPod(pod: Pod, fleet: FleetIndex): void {
  const named = resolveOwner(pod.controller, pod.namespace, fleet);
  const isKnown = named !== null && ownerNamed(named, pod.namespace, fleet) !== undefined;
  // Between a pod and its workload there may be objects that the file leaves out.
  const controller = isKnown ? named : (ownerByLabels(pod, fleet) ?? named);
  fleet.putPod({ ...pod, uid: pod.uid || workloadId({ group: '', kind: 'Pod', ...pod }), controller });
}

function resolveOwner(owner: OwnerReference | null, namespace: string, fleet: FleetIndex): OwnerReference | null {
  if (owner === null || owner.uid !== '') return owner;
  return { ...owner, uid: ownerNamed(owner, namespace, fleet)?.uid ?? workloadId(keyOf(owner, namespace)) };
}

/** The workload, or the instance, that a reference names. */
function ownerNamed(owner: OwnerReference, namespace: string, fleet: FleetIndex): Workload | Instance | undefined {
  const key = keyOf(owner, namespace);
  const isInstance = adapterOfInstances(key.group, key.kind) !== undefined;
  return fleet.workload(key) ?? (isInstance ? fleet.instance(namespace, owner.name) : undefined);
}

function ownerByLabels(pod: Pod, fleet: FleetIndex): OwnerReference | null {
  for (const adapter of adapters) {
    const name = adapter.nameFromLabels?.(pod) ?? null;
    if (name === null) continue;
    const { group, kind } = adapter;
    const owner = fleet.workload({ group, kind, namespace: pod.namespace, name });
    if (owner !== undefined) return { apiVersion: `${group}/v1`, kind, name, uid: owner.uid };
  }
  return null;
}

function nameOf(object: JsonObject): string {
  const metadata = isObject(object.metadata) ? object.metadata : {};
  const namespace = textOf(metadata.namespace);
  const name = textOf(metadata.name) || 'without a name';
  return `${textOf(object.kind) ?? 'an object'} ${namespace ? `${namespace}/` : ''}${name}`;
}

function unreadable(source: string, what: string): CodedError {
  return new CodedError('UnreadableFleet', `cannot read the fleet in ${source}: ${what}`);
}
