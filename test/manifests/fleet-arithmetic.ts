import assert from 'node:assert/strict';
import { type JsonObject, listAt, objectAt } from '../../src/workloads/core/json.ts';

/** Cores, GiB and GPUs. */
interface Amounts {
  readonly cpu: number;
  readonly memory: number;
  readonly gpu: number;
}

const CAPACITY: Amounts = { cpu: 64, memory: 512, gpu: 8 };
const WEIGHTS: Amounts = { cpu: 1, memory: 1, gpu: 5 };
const RESOURCES = ['cpu', 'memory', 'gpu'] as const;
const UNITS: Readonly<Record<string, number>> = { '': 1, m: 1 / 1000, Mi: 1 / 1024, Gi: 1 };

function amount(quantity: unknown): number {
  const [, number, unit] = /^(\d+)(m|Mi|Gi)?$/.exec(String(quantity ?? 0)) ?? [];
  assert.ok(number, `${quantity} is not read here`);
  return Number(number) * (UNITS[unit ?? ''] ?? 0);
}

/** What the containers of a pod or of a template request. */
export function requestsOf(spec: JsonObject): Amounts {
  const requests = listAt(spec, 'containers').map((container) => objectAt(container, 'resources', 'requests'));
  const sum = (name: string) => requests.reduce((total, request) => total + amount(request[name]), 0);
  return { cpu: sum('cpu'), memory: sum('memory'), gpu: sum('nvidia.com/gpu') };
}

export function nodeOf(pod: JsonObject): unknown {
  return objectAt(pod, 'spec').nodeName;
}

const createdAt = (pod: JsonObject) => Date.parse(String(objectAt(pod, 'metadata').creationTimestamp));

/** The example fleet's figures by plain arithmetic, apart from packdown's own. */
export class FleetArithmetic {
  readonly #nodes: readonly JsonObject[];
  readonly #pods: readonly JsonObject[];

  constructor(nodes: readonly JsonObject[], pods: readonly JsonObject[]) {
    this.#nodes = nodes;
    this.#pods = pods;
  }

  podsOn(node: unknown): readonly JsonObject[] {
    return this.#pods.filter((pod) => nodeOf(pod) === node);
  }

  usedOn(node: unknown): Amounts {
    return total(this.podsOn(node));
  }

  /** Volcano's binpack, rounded: 100 · Σ w · used / capacity / Σ w, over what the pod requests. */
  scoreOf(pod: JsonObject): number {
    return score(pod, this.usedOn(nodeOf(pod)));
  }

  /** The score when the pods that were created later were not there yet. */
  scoreWhenBound(pod: JsonObject): number {
    return score(pod, total(this.podsOn(nodeOf(pod)).filter((other) => createdAt(other) <= createdAt(pod))));
  }

  /** Nodes that keep nothing but pods of DaemonSets once these pods are gone, and had one of them. */
  freedBy = (gone: readonly JsonObject[]): readonly unknown[] => {
    const stays = (pod: JsonObject) =>
      !gone.includes(pod) && listAt(pod, 'metadata', 'ownerReferences').every(({ kind }) => kind !== 'DaemonSet');
    return this.#nodes
      .map((node) => objectAt(node, 'metadata').name)
      .filter((node) => gone.some((pod) => nodeOf(pod) === node) && !this.podsOn(node).some(stays));
  };
}

function total(pods: readonly JsonObject[]): Amounts {
  const requests = pods.map((pod) => requestsOf(objectAt(pod, 'spec')));
  const sum = (resource: keyof Amounts) => requests.reduce((all, request) => all + request[resource], 0);
  return { cpu: sum('cpu'), memory: sum('memory'), gpu: sum('gpu') };
}

function score(pod: JsonObject, used: Amounts): number {
  const requests = requestsOf(objectAt(pod, 'spec'));
  const counted = RESOURCES.filter((resource) => requests[resource] > 0);
  const weighted = counted.reduce((all, name) => all + (WEIGHTS[name] * used[name]) / CAPACITY[name], 0);
  return Math.round((100 * weighted) / counted.reduce((all, name) => all + WEIGHTS[name], 0));
}
