import { precedes } from '../../domain/fleet/namespaced-name.ts';
import type { Workload, WorkloadKey } from '../../domain/fleet/workload.ts';
import { Lists, link, unlink, within } from './multi-map.ts';

/** Workloads by name, by kind and by owner. */
export class WorkloadIndex {
  /** By namespace and name: those of several kinds may share one. A key of all would be put together for every look. */
  readonly #byName = new Map<string, Map<string, Set<Workload>>>();
  /** By group and kind. */
  readonly #byKind = new Map<string, Map<string, Set<Workload>>>();
  readonly #byOwner = new Lists<Workload>(comesFirst);

  *all(): Iterable<Workload> {
    for (const byName of this.#byName.values()) for (const workloads of byName.values()) yield* workloads;
  }

  ofKind(group: string, kind: string): Iterable<Workload> {
    return this.#byKind.get(group)?.get(kind) ?? [];
  }

  get({ group, kind, namespace, name }: WorkloadKey): Workload | undefined {
    for (const workload of this.#byName.get(namespace)?.get(name) ?? []) {
      if (workload.kind === kind && workload.group === group) return workload;
    }
    return undefined;
  }

  of(controllerUid: string): readonly Workload[] {
    return this.#byOwner.at(controllerUid);
  }

  put(workload: Workload): void {
    this.delete(workload);
    link(within(this.#byName, workload.namespace), workload.name, workload);
    link(within(this.#byKind, workload.group), workload.kind, workload);
    if (workload.owner !== null) this.#byOwner.link(workload.owner.uid, workload);
  }

  delete(key: WorkloadKey): void {
    const known = this.get(key);
    if (known === undefined) return;
    const { namespace, name, group, kind, owner } = known;
    const inNamespace = within(this.#byName, namespace);
    unlink(inNamespace, name, known);
    if (inNamespace.size === 0) this.#byName.delete(namespace);
    unlink(within(this.#byKind, group), kind, known);
    if (owner !== null) this.#byOwner.unlink(owner.uid, known);
  }
}

/** Several kinds may share a name. */
function comesFirst(one: Workload, other: Workload): boolean {
  if (one.name !== other.name || one.namespace !== other.namespace) return precedes(one, other);
  return one.kind === other.kind ? one.group < other.group : one.kind < other.kind;
}
