import { precedes } from '../../domain/fleet/namespaced-name.ts';
import { isFinished, type Pod } from '../../domain/fleet/pod.ts';
import { addResources, type Resources } from '../../domain/resources/resource-list.ts';
import { Lists, within } from './multi-map.ts';

const NOTHING: Resources = new Map();

/** Pods by name, by node and by controller, and what they use of each node. */
export class PodIndex {
  readonly #onLoadChanged: (node: string) => void;
  /** By namespace and name. A key of both would be one more string a pod, and there are many pods. */
  readonly #pods = new Map<string, Map<string, Pod>>();
  readonly #marked = new Set<Pod>();
  readonly #byNode = new Lists<Pod>(precedes);
  readonly #byController = new Lists<Pod>(precedes);
  readonly #markedByController = new Lists<Pod>(precedes);
  readonly #used = new Map<string, Resources>();

  /** @param onLoadChanged told of a node when what is used of it may be something else */
  constructor(onLoadChanged: (node: string) => void) {
    this.#onLoadChanged = onLoadChanged;
  }

  get size(): number {
    let count = 0;
    for (const pods of this.#pods.values()) count += pods.size;
    return count;
  }

  *all(): Iterable<Pod> {
    for (const pods of this.#pods.values()) yield* pods.values();
  }

  marked(): Iterable<Pod> {
    return this.#marked;
  }

  markedOf(controllerUid: string): readonly Pod[] {
    return this.#markedByController.at(controllerUid);
  }

  get(namespace: string, name: string): Pod | undefined {
    return this.#pods.get(namespace)?.get(name);
  }

  onNode(node: string): readonly Pod[] {
    return this.#byNode.at(node);
  }

  of(controllerUid: string): readonly Pod[] {
    return this.#byController.at(controllerUid);
  }

  usedOn(node: string): Resources {
    const known = this.#used.get(node);
    if (known !== undefined) return known;
    const pods = this.#byNode.at(node);
    // Whoever lists whole nodes names them as they like: what has no pods is not kept.
    if (pods.length === 0) return NOTHING;
    const used = addResources(...pods.filter((pod) => !isFinished(pod)).map((pod) => pod.requests));
    this.#used.set(node, used);
    return used;
  }

  put(pod: Pod): void {
    this.#unlink(this.get(pod.namespace, pod.name));
    within(this.#pods, pod.namespace).set(pod.name, pod);
    if (pod.victim !== null) this.#mark(pod);
    if (pod.node !== null) this.#byNode.link(pod.node, pod);
    if (pod.controller !== null) this.#byController.link(pod.controller.uid, pod);
    this.#forgetUse(pod);
  }

  delete(namespace: string, name: string): void {
    this.#unlink(this.get(namespace, name));
    const inNamespace = this.#pods.get(namespace);
    inNamespace?.delete(name);
    if (inNamespace?.size === 0) this.#pods.delete(namespace);
  }

  #mark(pod: Pod): void {
    this.#marked.add(pod);
    if (pod.controller !== null) this.#markedByController.link(pod.controller.uid, pod);
  }

  #unlink(pod: Pod | undefined): void {
    if (pod === undefined) return;
    if (this.#marked.delete(pod) && pod.controller !== null) this.#markedByController.unlink(pod.controller.uid, pod);
    if (pod.node !== null) this.#byNode.unlink(pod.node, pod);
    if (pod.controller !== null) this.#byController.unlink(pod.controller.uid, pod);
    this.#forgetUse(pod);
  }

  #forgetUse({ node }: Pod): void {
    if (node === null) return;
    this.#used.delete(node);
    this.#onLoadChanged(node);
  }
}
