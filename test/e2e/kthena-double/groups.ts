import { isBroken, isReady, label, type ModelServing, type Pod, placeOf } from './model-serving.ts';
import { type Candidate, deletionCost } from './ranking.ts';

/** A replica of a role as the double remembers it. */
export interface RoleReplica {
  ordinal: number;
  deleting: boolean;
  /**
   * Set once all its pods are ready, until one of them is broken or gone: an unready or a terminating pod changes
   * nothing.
   */
  running: boolean;
}

/** A group as the double remembers it: also while its pods are not seen yet, or no more. */
export interface Group {
  ordinal: number;
  /** Set when it was chosen for deletion: whether a late event of a pod has it counted as running again. */
  deleting: { isTakenForRunning: boolean } | undefined;
  /** By role, in ascending order of ordinals. */
  roles: Map<string, RoleReplica[]>;
}

/** The pods of one ModelServing that are seen, and what follows from them. */
export class SeenPods {
  readonly #pods: Pod[];
  readonly #serving: ModelServing;

  constructor(serving: ModelServing, pods: Iterable<Pod>) {
    this.#serving = serving;
    this.#pods = [...pods];
  }

  /** Pods of a group, of one of its roles, or of one replica of the role. */
  of(group: number, role?: string, roleReplica?: number): Pod[] {
    const name = `${this.#serving.metadata.name}-${group}`;
    return this.#pods.filter(({ metadata: { labels = {} } }) => {
      if (labels[label.group] !== name) return false;
      if (role !== undefined && labels[label.role] !== role) return false;
      return roleReplica === undefined || labels[label.roleId] === `${role}-${roleReplica}`;
    });
  }

  /** Brings what is remembered of a group's role replicas up to what is seen of their pods. */
  updateStatus({ ordinal, roles }: Group): void {
    for (const { name, workerReplicas } of this.#serving.spec.template.roles) {
      for (const replica of roles.get(name) ?? []) {
        const pods = this.of(ordinal, name, replica.ordinal);
        const expected = 1 + workerReplicas;
        if (pods.filter(isReady).length === expected) replica.running = true;
        else if (pods.length < expected || pods.some(isBroken)) replica.running = false;
      }
    }
  }

  groupCandidate(group: Group): Candidate {
    const { ordinal, deleting } = group;
    const ready = deleting?.isTakenForRunning ?? isRunning(group);
    return { ordinal, ready, cost: totalCost(this.of(ordinal)), deleting: deleting !== undefined };
  }

  roleReplicaCandidate(group: number, role: string, { ordinal, deleting, running }: RoleReplica): Candidate {
    return { ordinal, ready: running, cost: totalCost(this.of(group, role, ordinal)), deleting };
  }
}

/** Whether every role replica that a group has is running, and none is being deleted. */
export function isRunning({ roles }: Group): boolean {
  return [...roles.values()].flat().every(({ deleting, running }) => running && !deleting);
}

function totalCost(pods: Pod[]): number {
  return pods
    .map(({ metadata }) => deletionCost(metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost']))
    .reduce((sum, cost) => sum + cost, 0);
}

/**
 * As Kthena does, takes a group that is being deleted for running when one of its ready pods is seen as it was before.
 */
export function takeForRunning(groups: ReadonlyMap<number, Group>, pod: Pod): void {
  const group = groups.get(placeOf(pod)?.group ?? -1);
  if (group?.deleting === undefined || pod.metadata.deletionTimestamp !== undefined || !isReady(pod)) return;
  if (isRunning(group)) group.deleting.isTakenForRunning = true;
}

/** Adds the group and role replica of a live pod that nothing is remembered of: it was there before the double. */
export function remember(groups: Map<number, Group>, pod: Pod): void {
  const place = placeOf(pod);
  if (place === undefined || pod.metadata.deletionTimestamp !== undefined) return;
  const group: Group = groups.get(place.group) ?? { ordinal: place.group, deleting: undefined, roles: new Map() };
  groups.set(place.group, group);
  const replicas: RoleReplica[] = group.roles.get(place.role) ?? [];
  group.roles.set(place.role, replicas);
  if (!replicas.some(({ ordinal }) => ordinal === place.roleReplica)) {
    replicas.push({ ordinal: place.roleReplica, deleting: false, running: false });
    replicas.sort((a, b) => a.ordinal - b.ordinal);
  }
}
