import type { OwnerReference, Pod } from '../../domain/fleet/pod.ts';
import type { VictimMark } from '../../domain/fleet/victim-mark.ts';

/** Lists are sorted by name, so that the pods of one controller come together: few controllers are enough. */
const CONTROLLERS = 1000;
/** Names of nodes that are kept to be shared; more have come and gone in a fleet that grows and shrinks. */
const NODES = 20_000;

/**
 * Lets pods share the parts in which they are equal. The pods of one controller mostly have the same owner, labels and
 * requests, which are two thirds of what a pod takes in memory.
 */
export class SharedParts {
  /** Controller uid → the pod of it that came last, for the controllers that were heard of last. */
  readonly #samples = new Map<string, Pod>();
  readonly #nodes = new Map<string, string>();

  /**
   * The pod with the parts of pods that came before in place of equal ones of its own; `known` itself where all is
   * equal.
   */
  share(pod: Pod, known: Pod | undefined): Pod {
    const own = known === undefined ? pod : withPartsOf(pod, known);
    if (known !== undefined && isSame(own, known)) return known;
    const shared = own.node === null ? own : { ...own, node: this.#nodeName(own.node) };
    if (shared.controller === null) return shared;
    const { uid } = shared.controller;
    const sample = this.#samples.get(uid);
    const result = sample === undefined ? shared : withPartsOf(shared, sample);
    this.#samples.set(uid, result);
    this.#forgetOldest();
    return result;
  }

  /** Every pod brings a string of its own. */
  #nodeName(node: string): string {
    const known = this.#nodes.get(node);
    if (known !== undefined) return known;
    if (this.#nodes.size >= NODES) this.#nodes.clear();
    this.#nodes.set(node, node);
    return node;
  }

  #forgetOldest(): void {
    if (this.#samples.size <= CONTROLLERS) return;
    for (const uid of this.#samples.keys()) {
      this.#samples.delete(uid);
      return;
    }
  }
}

function withPartsOf(pod: Pod, other: Pod): Pod {
  return {
    ...pod,
    namespace: pod.namespace === other.namespace ? other.namespace : pod.namespace,
    labels: sameLabels(pod.labels, other.labels) ? other.labels : withValuesOf(pod.labels, other.labels),
    controller: sameOwner(pod.controller, other.controller) ? other.controller : pod.controller,
    requests: sameEntries(pod.requests, other.requests) ? other.requests : pod.requests,
    victim: sameMark(pod.victim, other.victim) ? other.victim : pod.victim,
    spread: sameSpread(pod.spread, other.spread) ? other.spread : pod.spread,
  };
}

/** The same labels, with the strings of others where they are equal. */
function withValuesOf(labels: Pod['labels'], others: Pod['labels']): Pod['labels'] {
  return Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [key, others[key] === value ? others[key] : value]),
  );
}

/** Both have been through `withPartsOf`, so that their fields come in the same order and equal parts are identical. */
function isSame(pod: Pod, other: Pod): boolean {
  const [fields, others] = [Object.values(pod), Object.values(other)];
  return fields.length === others.length && fields.every((value, index) => value === others[index]);
}

function sameLabels(a: Pod['labels'], b: Pod['labels']): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function sameOwner(a: OwnerReference | null, b: OwnerReference | null): boolean {
  if (a === null || b === null) return false;
  return a.uid === b.uid && a.apiVersion === b.apiVersion && a.kind === b.kind && a.name === b.name;
}

function sameEntries<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/** Both were read by the same code, so that their fields come in the same order. */
function sameSpread(a: Pod['spread'], b: Pod['spread']): boolean {
  return a === b || (a.length > 0 && b.length > 0 && JSON.stringify(a) === JSON.stringify(b));
}

function sameMark(a: VictimMark | null, b: VictimMark | null): boolean {
  return a !== null && b !== null && a.unit === b.unit && a.since === b.since;
}
