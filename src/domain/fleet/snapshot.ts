import type { Resources } from '../resources/resource-list.ts';
import type { AutoscalerOf } from './autoscaler.ts';
import type { Instance } from './instance.ts';
import type { Node } from './node.ts';
import type { NodeTable } from './node-table.ts';
import type { Pod } from './pod.ts';
import type { RatioPolicy } from './ratio-policy.ts';
import type { Revision } from './revision.ts';
import type { Workload, WorkloadKey } from './workload.ts';

export interface Namespace {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * What a decision reads: a view of the fleet as it is. Decisions are synchronous, so nothing changes during one; what
 * crosses an await looks again.
 *
 * Lists are in the order of namespaces and names; what else is iterated comes in the order in which it was heard of,
 * which differs between replicas of packdown: no answer may depend on that.
 */
export interface Snapshot {
  /** Another number whenever anything has changed, for who keeps what follows from all of it. */
  readonly version: number;
  readonly nodeCount: number;
  readonly podCount: number;
  nodes(): Iterable<Node>;
  node(name: string): Node | undefined;
  pods(): Iterable<Pod>;
  /** Pods with a mark, see VictimMark. */
  markedPods(): Iterable<Pod>;
  /** Those of them whose controller has this uid. */
  markedPodsOf(controllerUid: string): readonly Pod[];
  /** Objects between workloads and their pods. */
  instances(): Iterable<Instance>;
  instance(namespace: string, name: string): Instance | undefined;
  /** Instances whose controller has this uid. */
  instancesOf(controllerUid: string): readonly Instance[];
  pod(namespace: string, name: string): Pod | undefined;
  /** The same list until one of these pods changes, so that what follows from it may be kept. */
  podsOnNode(node: string): readonly Pod[];
  /** Pods whose controller has this uid: the same list until one of them changes. */
  podsOf(controllerUid: string): readonly Pod[];
  /** Requests of the unfinished pods on a node: the same object until one of its pods changes. */
  usedOn(node: string): Resources;
  /** Every node with what is used of it. */
  readonly nodeTable: NodeTable;
  workloads(): Iterable<Workload>;
  workloadsOfKind(group: string, kind: string): Iterable<Workload>;
  workload(key: WorkloadKey): Workload | undefined;
  /** Workloads whose controller has this uid, e.g. the ReplicaSets of a Deployment. */
  workloadsOf(controllerUid: string): readonly Workload[];
  /** What keeps the workload's replicas within a range; null where nothing moves them. */
  autoscaler(workload: WorkloadKey): AutoscalerOf | null;
  /** The revisions of the workload with this uid: the same list until one of them changes. */
  revisionsOf(workloadUid: string): readonly Revision[];
  /** Those that declare a ratio of this workload's roles. */
  ratioPoliciesOf(workload: WorkloadKey): readonly RatioPolicy[];
  namespace(name: string): Namespace | undefined;
}
