import type { OwnerReference, Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { hasUid, type Workload, type WorkloadKey, workloadId } from '../domain/fleet/workload.ts';
import { MOST_OWNERS } from './owned-pods.ts';
import { groupOf } from './registry.ts';

const NONE: readonly string[] = [];

/**
 * The workloads that pods belong to, each once: their controllers, and what owns those, over instances and leader pods.
 */
export function workloadsAbove(pods: readonly Pod[], snapshot: Snapshot): readonly Workload[] {
  const found = new Map<string, Workload>();
  for (const { controller, namespace } of pods) climb(controller, namespace, snapshot, found);
  return [...found.values()];
}

/** The owners of a workload that the fleet shows, the nearest first, over instances and leader pods. */
export function ownersOf({ owner, namespace }: Workload, snapshot: Snapshot): readonly Workload[] {
  const found = new Map<string, Workload>();
  climb(owner, namespace, snapshot, found);
  return [...found.values()];
}

/**
 * The workload that people scale when this one is resized: the topmost of its owners that the fleet shows, or itself.
 */
export function topmostOwner(workload: Workload, snapshot: Snapshot): Workload {
  return ownersOf(workload, snapshot).at(-1) ?? workload;
}

/** An owner as a workload of a namespace. */
export function keyOf({ apiVersion, kind, name }: OwnerReference, namespace: string): WorkloadKey {
  return { group: groupOf(apiVersion), kind, namespace, name };
}

/** The Deployment of a ReplicaSet: people scale and annotate that. Anything else is scaled itself. */
export function scaledWith(workload: Workload, snapshot: Snapshot): Workload {
  const { owner, namespace } = workload;
  if (owner === null || owner.kind !== 'Deployment') return workload;
  const known = snapshot.workload(keyOf(owner, namespace));
  return known !== undefined && hasUid(known, owner.uid) ? known : workload;
}

/** What an annotation says of a workload where only one place is heard: the nearest of `annotationsFor`. */
export function annotationFor(workload: Workload, name: string, snapshot: Snapshot): string | undefined {
  return annotationsFor(workload, name, snapshot)[0];
}

/**
 * What an annotation says of a workload, the nearest first: on itself, and on what owns it, where people write it: few
 * controllers hand annotations down. The one of a Deployment does, and takes none away again, so that a ReplicaSet goes
 * by its Deployment and not by its own copy.
 */
export function annotationsFor(workload: Workload, name: string, snapshot: Snapshot): readonly string[] {
  const nearest = scaledWith(workload, snapshot);
  const own = nearest.annotations[name];
  // On the path of every review.
  if (nearest.owner === null) return own === undefined ? NONE : [own];
  return [nearest, ...ownersOf(nearest, snapshot)].flatMap(({ annotations }) => annotations[name] ?? []);
}

function climb(
  first: OwnerReference | null,
  namespace: string,
  snapshot: Snapshot,
  found: Map<string, Workload>,
): void {
  // Owner references that lead in a circle, or on and on, are possible: nobody checks them.
  const seen = new Set<string>();
  let owner = first;
  while (owner !== null && !seen.has(owner.uid) && seen.size < MOST_OWNERS) {
    const { name, uid }: OwnerReference = owner;
    seen.add(uid);
    const workload = snapshot.workload(keyOf(owner, namespace));
    if (workload !== undefined && hasUid(workload, uid)) {
      found.set(workloadId(workload), workload);
      owner = workload.owner;
    } else {
      const between = [snapshot.instance(namespace, name), snapshot.pod(namespace, name)];
      owner = between.find((one) => one?.uid === uid)?.controller ?? null;
    }
  }
}
