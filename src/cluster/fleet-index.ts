import type { Autoscaler, AutoscalerOf } from '../domain/fleet/autoscaler.ts';
import type { Instance } from '../domain/fleet/instance.ts';
import type { Node } from '../domain/fleet/node.ts';
import { isFinished, type Pod, podKey } from '../domain/fleet/pod.ts';
import type { RatioPolicy } from '../domain/fleet/ratio-policy.ts';
import type { Revision } from '../domain/fleet/revision.ts';
import type { Namespace, Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, type WorkloadKey, workloadId } from '../domain/fleet/workload.ts';
import { addResources, type Resources } from '../domain/resources/resource-list.ts';
import { LoadedNodes } from './loaded-nodes.ts';

/**
 * The fleet in memory, indexed for what decisions ask. It is its own snapshot: decisions are synchronous, so nothing
 * changes during one.
 */
export class FleetIndex implements Snapshot {
  #version = 0;
  readonly #nodes = new Map<string, Node>();
  readonly #namespaces = new Map<string, Namespace>();
  /** By namespace and name. A key of both would be one more string a pod, and there are many pods. */
  readonly #pods = new Map<string, Map<string, Pod>>();
  readonly #marked = new Set<Pod>();
  readonly #podsByNode = new Map<string, Set<Pod>>();
  readonly #podsByController = new Map<string, Set<Pod>>();
  /** Lists that were asked for since their last change. */
  readonly #listedByNode = new Map<string, readonly Pod[]>();
  readonly #listedByController = new Map<string, readonly Pod[]>();
  readonly #listedRevisions = new Map<string, readonly Revision[]>();
  readonly #instances = new Map<string, Instance>();
  readonly #instancesByController = new Map<string, Set<Instance>>();
  readonly #used = new Map<string, Resources>();
  /** By namespace and name: those of several kinds may share one. A key of all would be put together for every look. */
  readonly #workloads = new Map<string, Map<string, Set<Workload>>>();
  /** By group and kind. */
  readonly #workloadsByKind = new Map<string, Map<string, Set<Workload>>>();
  readonly #workloadsByOwner = new Map<string, Set<Workload>>();
  readonly #autoscalers = new Map<string, Autoscaler>();
  readonly #autoscalersByTarget = new Map<string, Set<Autoscaler>>();
  readonly #revisions = new Map<string, Revision>();
  readonly #revisionsByOwner = new Map<string, Set<Revision>>();
  readonly #ratioPolicies = new Map<string, RatioPolicy>();
  readonly nodeTable = new LoadedNodes((name) => {
    const node = this.#nodes.get(name);
    return node && { name, allocatable: node.allocatable, used: this.usedOn(name) };
  });

  get version(): number {
    return this.#version;
  }

  get nodeCount(): number {
    return this.#nodes.size;
  }

  get podCount(): number {
    let count = 0;
    for (const pods of this.#pods.values()) count += pods.size;
    return count;
  }

  nodes(): Iterable<Node> {
    return this.#nodes.values();
  }

  node(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  *pods(): Iterable<Pod> {
    for (const pods of this.#pods.values()) yield* pods.values();
  }

  markedPods(): Iterable<Pod> {
    return this.#marked;
  }

  instances(): Iterable<Instance> {
    return this.#instances.values();
  }

  instance(namespace: string, name: string): Instance | undefined {
    return this.#instances.get(podKey({ namespace, name }));
  }

  instancesOf(controllerUid: string): readonly Instance[] {
    return [...(this.#instancesByController.get(controllerUid) ?? [])];
  }

  pod(namespace: string, name: string): Pod | undefined {
    return this.#pods.get(namespace)?.get(name);
  }

  podsOnNode(node: string): readonly Pod[] {
    return listed(this.#listedByNode, this.#podsByNode, node);
  }

  podsOf(controllerUid: string): readonly Pod[] {
    return listed(this.#listedByController, this.#podsByController, controllerUid);
  }

  usedOn(node: string): Resources {
    const known = this.#used.get(node);
    if (known !== undefined) return known;
    const pods = this.#podsByNode.get(node);
    // Whoever lists whole nodes names them as they like: what has no pods is not kept.
    if (pods === undefined) return NOTHING;
    const used = addResources(...[...pods].filter((pod) => !isFinished(pod)).map((pod) => pod.requests));
    this.#used.set(node, used);
    return used;
  }

  *workloads(): Iterable<Workload> {
    for (const byName of this.#workloads.values()) for (const workloads of byName.values()) yield* workloads;
  }

  workloadsOfKind(group: string, kind: string): Iterable<Workload> {
    return this.#workloadsByKind.get(group)?.get(kind) ?? [];
  }

  workload({ group, kind, namespace, name }: WorkloadKey): Workload | undefined {
    for (const workload of this.#workloads.get(namespace)?.get(name) ?? []) {
      if (workload.kind === kind && workload.group === group) return workload;
    }
    return undefined;
  }

  workloadsOf(controllerUid: string): readonly Workload[] {
    return [...(this.#workloadsByOwner.get(controllerUid) ?? [])];
  }

  /** Of several for one workload, which is a mistake, the first by kind and name. */
  autoscaler(workload: WorkloadKey): AutoscalerOf | null {
    const id = workloadId(workload);
    const found = [...(this.#autoscalersByTarget.get(id) ?? [])];
    const [first] = found.sort((a, b) => (autoscalerKey(a) < autoscalerKey(b) ? -1 : 1));
    const range = first?.ranges.find(({ target }) => workloadId(target) === id);
    return first === undefined || range === undefined ? null : { ...range, kind: first.kind };
  }

  revisionsOf(workloadUid: string): readonly Revision[] {
    return listed(this.#listedRevisions, this.#revisionsByOwner, workloadUid);
  }

  ratioPolicies(): Iterable<RatioPolicy> {
    return this.#ratioPolicies.values();
  }

  namespace(name: string): Namespace | undefined {
    return this.#namespaces.get(name);
  }

  putNode(node: Node): void {
    this.#nodes.set(node.name, node);
    this.nodeTable.put(node.name);
    this.#version += 1;
  }

  deleteNode(name: string): void {
    this.#nodes.delete(name);
    this.nodeTable.delete(name);
    this.#version += 1;
  }

  putNamespace(namespace: Namespace): void {
    this.#namespaces.set(namespace.name, namespace);
    this.#version += 1;
  }

  deleteNamespace(name: string): void {
    this.#namespaces.delete(name);
    this.#version += 1;
  }

  putPod(pod: Pod): void {
    this.#unlinkPod(this.pod(pod.namespace, pod.name));
    within(this.#pods, pod.namespace).set(pod.name, pod);
    if (pod.victim !== null) this.#marked.add(pod);
    if (pod.node !== null) link(this.#podsByNode, pod.node, pod);
    if (pod.controller !== null) link(this.#podsByController, pod.controller.uid, pod);
    this.#forgetDerived(pod);
    this.#version += 1;
  }

  deletePod(namespace: string, name: string): void {
    this.#unlinkPod(this.pod(namespace, name));
    const inNamespace = this.#pods.get(namespace);
    inNamespace?.delete(name);
    if (inNamespace?.size === 0) this.#pods.delete(namespace);
    this.#version += 1;
  }

  putInstance(instance: Instance): void {
    this.deleteInstance(instance.namespace, instance.name);
    const key = podKey(instance);
    this.#instances.set(key, instance);
    if (instance.controller !== null) link(this.#instancesByController, instance.controller.uid, instance);
  }

  deleteInstance(namespace: string, name: string): void {
    const key = podKey({ namespace, name });
    const known = this.#instances.get(key);
    if (known !== undefined && known.controller !== null)
      unlink(this.#instancesByController, known.controller.uid, known);
    this.#instances.delete(key);
    this.#version += 1;
  }

  putWorkload(workload: Workload): void {
    this.deleteWorkload(workload);
    link(within(this.#workloads, workload.namespace), workload.name, workload);
    link(within(this.#workloadsByKind, workload.group), workload.kind, workload);
    if (workload.owner !== null) link(this.#workloadsByOwner, workload.owner.uid, workload);
  }

  deleteWorkload(key: WorkloadKey): void {
    this.#version += 1;
    const known = this.workload(key);
    if (known === undefined) return;
    const { namespace, name, group, kind, owner } = known;
    const inNamespace = within(this.#workloads, namespace);
    unlink(inNamespace, name, known);
    if (inNamespace.size === 0) this.#workloads.delete(namespace);
    unlink(within(this.#workloadsByKind, group), kind, known);
    if (owner !== null) unlink(this.#workloadsByOwner, owner.uid, known);
  }

  putAutoscaler(autoscaler: Autoscaler): void {
    this.deleteAutoscaler(autoscaler);
    this.#autoscalers.set(autoscalerKey(autoscaler), autoscaler);
    for (const { target } of autoscaler.ranges) link(this.#autoscalersByTarget, workloadId(target), autoscaler);
  }

  deleteAutoscaler(autoscaler: Omit<Autoscaler, 'ranges'>): void {
    const key = autoscalerKey(autoscaler);
    const known = this.#autoscalers.get(key);
    if (known !== undefined)
      for (const { target } of known.ranges) unlink(this.#autoscalersByTarget, workloadId(target), known);
    this.#autoscalers.delete(key);
    this.#version += 1;
  }

  putRevision(revision: Revision): void {
    this.deleteRevision(revision.namespace, revision.name);
    const key = podKey(revision);
    this.#revisions.set(key, revision);
    link(this.#revisionsByOwner, revision.owner, revision);
    this.#listedRevisions.delete(revision.owner);
  }

  deleteRevision(namespace: string, name: string): void {
    const key = podKey({ namespace, name });
    const known = this.#revisions.get(key);
    if (known !== undefined) {
      unlink(this.#revisionsByOwner, known.owner, known);
      this.#listedRevisions.delete(known.owner);
    }
    this.#revisions.delete(key);
    this.#version += 1;
  }

  putRatioPolicy(policy: RatioPolicy): void {
    this.#ratioPolicies.set(podKey(policy), policy);
    this.#version += 1;
  }

  deleteRatioPolicy(namespace: string, name: string): void {
    this.#ratioPolicies.delete(podKey({ namespace, name }));
    this.#version += 1;
  }

  #unlinkPod(pod: Pod | undefined): void {
    if (pod === undefined) return;
    this.#marked.delete(pod);
    if (pod.node !== null) unlink(this.#podsByNode, pod.node, pod);
    if (pod.controller !== null) unlink(this.#podsByController, pod.controller.uid, pod);
    this.#forgetDerived(pod);
  }

  #forgetDerived({ node, controller }: Pod): void {
    if (node !== null) {
      this.#used.delete(node);
      this.nodeTable.changed(node);
      this.#listedByNode.delete(node);
    }
    if (controller !== null) this.#listedByController.delete(controller.uid);
  }
}

const NONE: readonly never[] = [];
const NOTHING: Resources = new Map();

/** What is at a key as a list, the same one until it changes. */
function listed<T>(lists: Map<string, readonly T[]>, index: ReadonlyMap<string, Set<T>>, at: string): readonly T[] {
  const known = lists.get(at);
  if (known !== undefined) return known;
  const values = index.get(at);
  if (values === undefined) return NONE;
  const list = [...values];
  lists.set(at, list);
  return list;
}

function autoscalerKey({ kind, namespace, name }: Omit<Autoscaler, 'ranges'>): string {
  return `${kind}/${namespace}/${name}`;
}

/** The map at a key, a new one if there is none yet. */
function within<T>(index: Map<string, Map<string, T>>, at: string): Map<string, T> {
  const known = index.get(at);
  if (known !== undefined) return known;
  const made = new Map<string, T>();
  index.set(at, made);
  return made;
}

function link<T>(index: Map<string, Set<T>>, at: string, value: T): void {
  const values = index.get(at);
  if (values === undefined) index.set(at, new Set([value]));
  else values.add(value);
}

function unlink<T>(index: Map<string, Set<T>>, at: string, value: T): void {
  const values = index.get(at);
  values?.delete(value);
  if (values?.size === 0) index.delete(at);
}
