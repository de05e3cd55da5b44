import type { Node } from '../../domain/fleet/node.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { toleratesAll } from '../../domain/fleet/taint.ts';
import { BEING_FREED, nodesToAvoid } from '../nodes-to-avoid.ts';
import { objectBody, readSessionNode, readTask, type Task } from './session-objects.ts';

/** PredicateResponse of Volcano's extender plugin; an empty status lets the node pass. */
export interface NodeStatus {
  readonly status: string;
  readonly code: number;
}

const PASSES: NodeStatus = { status: '', code: 0 };
/** api.UnschedulableAndUnresolvable: no eviction would make the node stay. */
const DRAINING: NodeStatus = { status: BEING_FREED, code: 3 };

/**
 * Answers predicate: keeps tasks off a node that a scale-down is freeing, while another has room. Volcano asks node by
 * node, so that the fleet has to tell of the others; where it cannot, as with affinities, volumes or too stale a fleet
 * (milliseconds, as Fleet has it), the node passes. Throws CodedError `InvalidVolcanoRequest`.
 */
export function predicate(body: unknown, snapshot: Snapshot, staleness: number | null): NodeStatus {
  const request = objectBody(body);
  const task = readTask(request);
  const { name } = readSessionNode(request.node);
  const draining = nodesToAvoid(snapshot, staleness);
  if (!draining.has(name) || task.hasFurtherTerms) return PASSES;
  for (const node of snapshot.nodes()) if (!draining.has(node.name) && hasRoom(node, task, snapshot)) return DRAINING;
  return PASSES;
}

function hasRoom(node: Node, { toStart, nodeSelector, tolerations }: Task, snapshot: Snapshot): boolean {
  const { name, labels, allocatable, unschedulable, taints } = node;
  if (unschedulable || !toleratesAll(tolerations, taints)) return false;
  if (!Object.entries(nodeSelector).every(([label, value]) => labels[label] === value)) return false;
  const used = snapshot.usedOn(name);
  return [...toStart].every(
    // What Volcano counts and a Node may not list, such as pods, is not compared.
    ([resource, amount]) =>
      amount === 0n ||
      !(allocatable.has(resource) || resource.includes('/')) ||
      (used.get(resource) ?? 0n) + amount <= (allocatable.get(resource) ?? 0n),
  );
}
