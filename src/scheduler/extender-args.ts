import { CodedError } from '../domain/coded-error.ts';
import type { LoadedNode } from '../domain/fleet/node.ts';
import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { isObject, type JsonObject, listAt } from '../workloads/core/json.ts';
import { readNode } from '../workloads/core/node.ts';
import { readPod } from '../workloads/core/pod.ts';

/** A node that the scheduler asks about; `node` is missing where neither the call nor the fleet knows it. */
export interface AskedNode {
  readonly name: string;
  readonly node: LoadedNode | undefined;
  /** The object as it was sent, with nodeCacheCapable: false. */
  readonly object: JsonObject | null;
}

export interface ExtenderArgs {
  readonly pod: Pod;
  readonly nodes: readonly AskedNode[];
  /** Whether the scheduler sent names (nodeCacheCapable: true), and so wants names back. */
  readonly byName: boolean;
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
    return { pod, nodes: names.map((name) => ({ name, node: snapshot.loadedNode(name), object: null })), byName: true };
  }
  if (!isObject(list)) throw invalid('both NodeNames and Nodes are missing');
  const objects = read('Nodes', (nodes) => listAt(nodes, 'items'), list);
  const nodes = objects.map((object) => {
    const { name, allocatable } = read('a node', readNode, object);
    return { name, node: { name, allocatable, used: snapshot.usedOn(name) }, object };
  });
  return { pod, nodes, byName: false };
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
