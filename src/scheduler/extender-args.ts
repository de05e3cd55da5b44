import type { NodeTable } from '../domain/fleet/node-table.ts';
import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { isObject, type JsonObject, listAt } from '../workloads/core/json.ts';
import { readNode } from '../workloads/core/node.ts';
import { readPod } from '../workloads/core/pod.ts';
import { refusalsOf } from './invalid-body.ts';
import { ListedNodes } from './listed-nodes.ts';
import { MOST_NODES } from './node-names.ts';

const { invalid, read } = refusalsOf('InvalidExtenderArgs', 'ExtenderArgs', 'kube-scheduler');

export interface ExtenderArgs {
  readonly pod: Pod;
  /** The nodes that the scheduler asks about. */
  readonly names: readonly string[];
  /** Where they are looked up: among those that were sent, or else in the fleet. */
  readonly table: NodeTable;
  /**
   * The nodes as they were sent, in the same order; null where names were (nodeCacheCapable: true), and are wanted
   * back.
   */
  readonly objects: readonly JsonObject[] | null;
}

/**
 * Reads kube-scheduler's ExtenderArgs (`k8s.io/kube-scheduler/extender/v1`, whose Go types have no JSON tags: the keys
 * are Go-cased). Throws CodedError `InvalidExtenderArgs`.
 */
export function readExtenderArgs(body: unknown, snapshot: Snapshot): ExtenderArgs {
  const pod = readPodOf(body);
  const { NodeNames: names, Nodes: list } = isObject(body) ? body : {};
  if (Array.isArray(names)) {
    if (names.length > MOST_NODES) throw invalid(`NodeNames holds over ${MOST_NODES} names`);
    if (!names.every((name) => typeof name === 'string')) throw invalid('NodeNames holds something that is no name');
    return { pod, names, table: snapshot.nodeTable, objects: null };
  }
  if (!isObject(list)) throw invalid('both NodeNames and Nodes are missing');
  const objects = read('Nodes', () => listAt(list, 'items'));
  const nodes = objects.map((object) => {
    const { name, allocatable } = read('a node', () => readNode(object));
    return { name, allocatable, used: snapshot.usedOn(name) };
  });
  return { pod, names: nodes.map(({ name }) => name), table: new ListedNodes(nodes), objects };
}

/** Reads the pod of ExtenderArgs. Throws CodedError `InvalidExtenderArgs`. */
export function readPodOf(body: unknown): Pod {
  const { Pod: pod } = isObject(body) ? body : {};
  if (!isObject(pod)) throw invalid('Pod is missing');
  return read('Pod', () => readPod(pod));
}
