import { CodedError } from '../domain/coded-error.ts';
import type { LoadedNode } from '../domain/fleet/node.ts';
import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { isObject, type JsonObject, listAt } from '../workloads/core/json.ts';
import { readNode } from '../workloads/core/node.ts';
import { readPod } from '../workloads/core/pod.ts';

export interface ExtenderArgs {
  readonly pod: Pod;
  /** The nodes that the scheduler asks about. */
  readonly names: readonly string[];
  /** The node at a place in `names`; undefined where neither the call nor the fleet knows it. */
  readonly nodeAt: (place: number) => LoadedNode | undefined;
  /** The nodes as they were sent, in the same order; null where names were (nodeCacheCapable: true), and are wanted back. */
  readonly objects: readonly JsonObject[] | null;
}

/**
 * Reads kube-scheduler's ExtenderArgs (`k8s.io/kube-scheduler/extender/v1`, whose Go types have no JSON tags: the keys
 * are Go-cased). Throws CodedError `InvalidExtenderArgs`.
 */
export function readExtenderArgs(body: unknown, snapshot: Snapshot): ExtenderArgs {
  if (!isObject(body) || !isObject(body.Pod)) throw invalid('Pod is missing');
  const pod = read('Pod', readPod, body.Pod);
  const { NodeNames: names, Nodes: list } = body;
  if (Array.isArray(names)) {
    if (!names.every((name) => typeof name === 'string')) throw invalid('NodeNames holds something that is no name');
    return { pod, names, nodeAt: (place) => snapshot.loadedNode(names[place] ?? ''), objects: null };
  }
  if (!isObject(list)) throw invalid('both NodeNames and Nodes are missing');
  const objects = read('Nodes', (nodes) => listAt(nodes, 'items'), list);
  const nodes = objects.map((object) => {
    const { name, allocatable } = read('a node', readNode, object);
    return { name, allocatable, used: snapshot.usedOn(name) };
  });
  return { pod, names: nodes.map(({ name }) => name), nodeAt: (place) => nodes[place], objects };
}

function read<T>(what: string, reader: (object: JsonObject) => T, object: JsonObject): T {
  try {
    return reader(object);
  } catch (error) {
    throw invalid(`${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function invalid(what: string): CodedError {
  return new CodedError('InvalidExtenderArgs', `the body is no ExtenderArgs: ${what}; send what kube-scheduler sends`);
}
