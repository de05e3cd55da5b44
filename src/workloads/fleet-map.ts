import { namespacedName } from '../domain/fleet/namespaced-name.ts';
import type { Node } from '../domain/fleet/node.ts';
import { type Pod, staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { workloadName } from '../domain/fleet/workload.ts';
import { gpusOf, gpusRequestedBy } from './node-worth.ts';
import { keyOf, workloadsAbove } from './owners-above.ts';
import { pendingVictims } from './pending-victims.ts';
import { adapterOfKind, groupOf } from './registry.ts';
import type { ScalingPlan } from './scaling.ts';

/** What holds one GPU, or one place for a pod on a node without GPUs. */
export interface Cell {
  /** An index into the map's workloads. */
  readonly workload: number;
  readonly goes: boolean;
}

/** One node, GPU by GPU; null is a free one. */
export interface NodeRow {
  readonly node: string;
  /** Whether it has GPUs to draw; without, its cells are pods. */
  readonly hasGpus: boolean;
  readonly cells: readonly (Cell | null)[];
  /** Pods beside them that hold no GPU, though the node has some: they keep it busy as well. */
  readonly beside: readonly Cell[];
  /** Occupied before the plan, and free after it. */
  readonly freed: boolean;
}

export interface FleetMap {
  /** `Kind/namespace/name`, those that the plan scales first. */
  readonly workloads: readonly string[];
  /** The nodes that lose a pod, by name. */
  readonly rows: readonly NodeRow[];
}

/** Names for a picture that tells apart so many workloads at most: the last stands for all those that are left. */
export function legendOf({ workloads }: FleetMap, most: number): readonly string[] {
  if (workloads.length <= most) return workloads;
  const named = workloads.slice(0, most - 1);
  return [...named, `${workloads.length - named.length} others`];
}

/** What the nodes that a plan changes hold before it, and what of that goes. */
export function fleetMap(plan: ScalingPlan, snapshot: Snapshot): FleetMap {
  const going = new Set(plan.victims.flatMap(({ candidate }) => candidate.pods.map(namespacedName)));
  const touched = plan.victims.flatMap(({ candidate }) => candidate.pods.flatMap(({ node }) => node ?? []));
  const isPending = pendingVictims(snapshot);
  const freed = new Set(plan.nodesFreed.map(({ name }) => name));
  // A scaler has no pods of its own.
  const scaled = new Set(plan.requests.map(({ workload }) => workloadName(workload.target ?? workload)));
  const workloads = new Set(scaled);
  const names = [...new Set(touched)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const rows = names.map((name): NodeRow => {
    const pods = snapshot.podsOnNode(name).filter((pod) => !staysOnFreeNode(pod));
    const node = snapshot.node(name);
    const held = pods
      .map((pod) => ({
        owner: ownerNameOf(pod, scaled, snapshot),
        // What is on its way out keeps no node from being free either.
        goes: going.has(namespacedName(pod)) || pod.deleting || isPending(pod),
        size: sizeOf(pod, node),
      }))
      .sort((a, b) => Number(a.goes) - Number(b.goes) || (a.owner < b.owner ? -1 : 1));
    for (const { owner } of held) workloads.add(owner);
    const numbers = new Map([...workloads].map((owner, index) => [owner, index]));
    const cellOf = ({ owner, goes }: { readonly owner: string; readonly goes: boolean }): Cell => ({
      workload: numbers.get(owner) ?? 0,
      goes,
    });
    const cells = held.flatMap((pod) => Array<Cell>(pod.size).fill(cellOf(pod)));
    const free = Math.max(0, gpusDrawnOf(node) - cells.length);
    return {
      node: name,
      hasGpus: gpusDrawnOf(node) > 0,
      cells: [...cells, ...Array<null>(free).fill(null)],
      beside: held.filter(({ size }) => size === 0).map(cellOf),
      freed: freed.has(name),
    };
  });
  return { workloads: [...workloads], rows };
}

/**
 * GPUs of one node that are drawn one by one: no machine has more, but a virtual node may have as many as it likes to
 * say.
 */
const MOST_GPUS = 128;

function gpusDrawnOf(node: Node | undefined): number {
  const gpus = node === undefined ? 0 : gpusOf(node);
  return gpus > MOST_GPUS ? 0 : gpus;
}

/** Whole GPUs on a node of which any are drawn, else 1: there every pod takes a place. */
function sizeOf(pod: Pod, node: Node | undefined): number {
  return gpusDrawnOf(node) > 0 ? Math.min(gpusRequestedBy(pod), MOST_GPUS) : 1;
}

/**
 * The workload that users know: of those that a pod belongs to, over instances and leader pods, the one that they
 * scale, or else the topmost; that is the Deployment, not its ReplicaSet, though the fleet may not show it.
 */
function ownerNameOf(pod: Pod, scaled: ReadonlySet<string>, snapshot: Snapshot): string {
  const { controller, namespace } = pod;
  if (controller === null) return `Pod/${namespace}/${pod.name}`;
  const above = workloadsAbove([pod], snapshot);
  const own = above.map(workloadName).find((name) => scaled.has(name));
  if (own !== undefined) return own;
  const top = above.at(-1);
  const owner = top?.owner ?? null;
  const isKnown = owner !== null && adapterOfKind(groupOf(owner.apiVersion), owner.kind) !== undefined;
  return workloadName(isKnown ? keyOf(owner, namespace) : (top ?? keyOf(controller, namespace)));
}
