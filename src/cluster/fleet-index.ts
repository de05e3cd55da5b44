import type { Autoscaler, AutoscalerOf } from '../domain/fleet/autoscaler.ts';
import type { Instance } from '../domain/fleet/instance.ts';
import type { Node } from '../domain/fleet/node.ts';
import type { Pod } from '../domain/fleet/pod.ts';
import type { RatioPolicy } from '../domain/fleet/ratio-policy.ts';
import type { Revision } from '../domain/fleet/revision.ts';
import type { Namespace, Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, type WorkloadKey, workloadId } from '../domain/fleet/workload.ts';
import type { Resources } from '../domain/resources/resource-list.ts';
import { AutoscalerIndex, type AutoscalerKey } from './index/autoscaler-index.ts';
import { OwnedIndex } from './index/owned-index.ts';
import { PodIndex } from './index/pod-index.ts';
import { WorkloadIndex } from './index/workload-index.ts';
import { LoadedNodes } from './loaded-nodes.ts';

/**
 * The fleet in memory, indexed for what decisions ask. It is its own snapshot: decisions are synchronous, so nothing
 * changes during one.
 */
export class FleetIndex implements Snapshot {
  #version = 0;
  readonly #nodes = new Map<string, Node>();
  readonly #namespaces = new Map<string, Namespace>();
  readonly #pods = new PodIndex((node) => this.nodeTable.changed(node));
  readonly #instances = new OwnedIndex<Instance>(({ controller }) => controller?.uid ?? null);
  readonly #workloads = new WorkloadIndex();
  readonly #autoscalers = new AutoscalerIndex();
  readonly #revisions = new OwnedIndex<Revision>(({ owner }) => owner);
  readonly #ratioPolicies = new OwnedIndex<RatioPolicy>(({ target }) => workloadId(target));
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
    return this.#pods.size;
  }

  nodes(): Iterable<Node> {
    return this.#nodes.values();
  }

  node(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  pods(): Iterable<Pod> {
    return this.#pods.all();
  }

  markedPods(): Iterable<Pod> {
    return this.#pods.marked();
  }

  markedPodsOf(controllerUid: string): readonly Pod[] {
    return this.#pods.markedOf(controllerUid);
  }

  pod(namespace: string, name: string): Pod | undefined {
    return this.#pods.get(namespace, name);
  }

  podsOnNode(node: string): readonly Pod[] {
    return this.#pods.onNode(node);
  }

  podsOf(controllerUid: string): readonly Pod[] {
    return this.#pods.of(controllerUid);
  }

  usedOn(node: string): Resources {
    return this.#pods.usedOn(node);
  }

  instances(): Iterable<Instance> {
    return this.#instances.all();
  }

  instance(namespace: string, name: string): Instance | undefined {
    return this.#instances.get(namespace, name);
  }

  instancesOf(controllerUid: string): readonly Instance[] {
    return this.#instances.of(controllerUid);
  }

  workloads(): Iterable<Workload> {
    return this.#workloads.all();
  }

  workloadsOfKind(group: string, kind: string): Iterable<Workload> {
    return this.#workloads.ofKind(group, kind);
  }

  workload(key: WorkloadKey): Workload | undefined {
    return this.#workloads.get(key);
  }

  workloadsOf(controllerUid: string): readonly Workload[] {
    return this.#workloads.of(controllerUid);
  }

  autoscaler(workload: WorkloadKey): AutoscalerOf | null {
    return this.#autoscalers.of(workload);
  }

  revisionsOf(workloadUid: string): readonly Revision[] {
    return this.#revisions.of(workloadUid);
  }

  ratioPoliciesOf(workload: WorkloadKey): readonly RatioPolicy[] {
    return this.#ratioPolicies.of(workloadId(workload));
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
    this.#pods.put(pod);
    this.#version += 1;
  }

  deletePod(namespace: string, name: string): void {
    this.#pods.delete(namespace, name);
    this.#version += 1;
  }

  putInstance(instance: Instance): void {
    this.#instances.put(instance);
    this.#version += 1;
  }

  deleteInstance(namespace: string, name: string): void {
    this.#instances.delete(namespace, name);
    this.#version += 1;
  }

  putWorkload(workload: Workload): void {
    this.#workloads.put(workload);
    this.#version += 1;
  }

  deleteWorkload(key: WorkloadKey): void {
    this.#workloads.delete(key);
    this.#version += 1;
  }

  putAutoscaler(autoscaler: Autoscaler): void {
    this.#autoscalers.put(autoscaler);
    this.#version += 1;
  }

  deleteAutoscaler(key: AutoscalerKey): void {
    this.#autoscalers.delete(key);
    this.#version += 1;
  }

  putRevision(revision: Revision): void {
    this.#revisions.put(revision);
    this.#version += 1;
  }

  deleteRevision(namespace: string, name: string): void {
    this.#revisions.delete(namespace, name);
    this.#version += 1;
  }

  putRatioPolicy(policy: RatioPolicy): void {
    this.#ratioPolicies.put(policy);
    this.#version += 1;
  }

  deleteRatioPolicy(namespace: string, name: string): void {
    this.#ratioPolicies.delete(namespace, name);
    this.#version += 1;
  }
}
