import { type ApiClient, ApiError } from '../control-plane/api-client.ts';
import { type Group, isRunning, type RoleReplica, remember, SeenPods, takeForRunning } from './groups.ts';
import {
  label,
  labelSelectorOf,
  type ModelServing,
  type ModelServingStatus,
  type Pod,
  podName,
  podsOf,
  type Role,
  revisionOf,
} from './model-serving.ts';
import { type Candidate, groupsToDelete, ordinalsToCreate, resolvePartition, roleReplicasToDelete } from './ranking.ts';

/** A scale-down as it was decided: for the message of a test that fails. */
export interface Decision {
  /** Milliseconds since the epoch. */
  at: number;
  modelServing: string;
  /** The group's name for a role-level decision; else the groups were compared. */
  group?: string;
  role?: string;
  wanted: number;
  candidates: Candidate[];
  /** Ordinals newly chosen. */
  chosen: number[];
}

/** Reconciles one ModelServing from the pods it has seen so far. */
export class ServingController {
  readonly #api: ApiClient;
  readonly #seed: number;
  readonly #decided: (decision: Decision) => void;
  #serving: ModelServing | undefined;
  readonly #pods = new Map<string, Pod>();
  readonly #groups = new Map<number, Group>();
  /** Names of pods that were created but not seen yet. */
  readonly #unseen = new Set<string>();
  /** Set when a pod could not be created because one of an earlier ModelServing still has its name. */
  #inTheWay: ApiError | undefined;
  #writtenStatus = '';

  constructor(api: ApiClient, seed: number, decided: (decision: Decision) => void) {
    this.#api = api;
    this.#seed = seed;
    this.#decided = decided;
  }

  servingSeen(serving: ModelServing): void {
    this.#serving = serving;
  }

  podSeen(pod: Pod): void {
    this.#pods.set(pod.metadata.name, pod);
    this.#unseen.delete(pod.metadata.name);
    remember(this.#groups, pod);
    takeForRunning(this.#groups, pod);
  }

  podGone(name: string): void {
    this.#pods.delete(name);
    this.#unseen.delete(name);
  }

  /** Takes over a complete list: what is not on it is gone. */
  podsReplaced(pods: Pod[]): void {
    for (const name of [...this.#pods.keys(), ...this.#unseen]) {
      if (!pods.some(({ metadata }) => metadata.name === name)) this.podGone(name);
    }
    for (const pod of pods) this.podSeen(pod);
  }

  /** Groups first, then roles, then the status. Throws on a failed write: call it again. */
  async reconcile(): Promise<void> {
    const serving = this.#serving;
    if (serving === undefined) return;
    this.#inTheWay = undefined;
    const seen = new SeenPods(serving, this.#pods.values());
    this.#forgetWhatIsGone(serving, seen);
    for (const group of this.#groups.values()) seen.updateStatus(group);
    await this.#reconcileGroups(serving, seen);
    for (const group of this.#ordered()) {
      if (group.deleting !== undefined) continue;
      for (const role of serving.spec.template.roles) await this.#reconcileRole(serving, seen, group, role);
    }
    await this.#writeStatus(serving);
    if (this.#inTheWay !== undefined) throw this.#inTheWay;
  }

  #ordered(): Group[] {
    return [...this.#groups.values()].sort((a, b) => a.ordinal - b.ordinal);
  }

  #forgetWhatIsGone(serving: ModelServing, seen: SeenPods): void {
    const isGone = (group: number, role: string, roleReplica: number) =>
      seen.of(group, role, roleReplica).length === 0 &&
      ![...this.#unseen].some((name) =>
        name.startsWith(podName(serving, { group, role, roleReplica }, 0).slice(0, -1)),
      );
    for (const { ordinal, deleting, roles } of this.#ordered()) {
      for (const [role, replicas] of roles) {
        const left = replicas.filter(
          (replica) => !((deleting !== undefined || replica.deleting) && isGone(ordinal, role, replica.ordinal)),
        );
        roles.set(role, left);
      }
      if (deleting !== undefined && [...roles.values()].flat().length === 0) this.#groups.delete(ordinal);
    }
  }

  async #reconcileGroups(serving: ModelServing, seen: SeenPods): Promise<void> {
    const wanted = serving.spec.replicas;
    for (const ordinal of ordinalsToCreate([...this.#groups.keys()], wanted)) {
      this.#groups.set(ordinal, { ordinal, deleting: undefined, roles: new Map() });
    }
    const { rollingUpdateConfiguration } = serving.spec.rolloutStrategy ?? {};
    const candidates = this.#ordered().map((group) => seen.groupCandidate(group));
    const chosen = groupsToDelete(candidates, wanted, resolvePartition(rollingUpdateConfiguration?.partition, wanted));
    const added = chosen.filter(({ deleting }) => !deleting);
    if (added.length > 0) this.#report(serving, { wanted, candidates, chosen: added });
    for (const { ordinal } of added) {
      await this.#deletePods(serving, `${label.group}=${serving.metadata.name}-${ordinal}`);
      const group = this.#groups.get(ordinal);
      if (group !== undefined) group.deleting = { isTakenForRunning: false };
    }
  }

  async #reconcileRole(serving: ModelServing, seen: SeenPods, group: Group, role: Role): Promise<void> {
    const replicas = group.roles.get(role.name) ?? [];
    group.roles.set(role.name, replicas);
    const existing = replicas.map(({ ordinal }) => ordinal);
    for (const ordinal of ordinalsToCreate(existing, role.replicas))
      replicas.push({ ordinal, deleting: false, running: false });
    replicas.sort((a, b) => a.ordinal - b.ordinal);
    await this.#scaleRoleDown(serving, seen, group, role, replicas);
    for (const { ordinal, deleting } of replicas) {
      if (!deleting) await this.#createMissingPods(serving, group.ordinal, role, ordinal);
    }
  }

  async #scaleRoleDown(serving: ModelServing, seen: SeenPods, group: Group, role: Role, replicas: RoleReplica[]) {
    const wanted = role.replicas;
    const byRole = serving.spec.rolloutStrategy?.type === 'RoleRollingUpdate';
    const partition = resolvePartition(byRole ? role.partition : undefined, wanted);
    const candidates = replicas.map((replica) => seen.roleReplicaCandidate(group.ordinal, role.name, replica));
    const chosen = roleReplicasToDelete(candidates, wanted, partition);
    const name = `${serving.metadata.name}-${group.ordinal}`;
    if (chosen.length > 0) this.#report(serving, { group: name, role: role.name, wanted, candidates, chosen });
    for (const { ordinal } of chosen) {
      const selector = [
        `${label.group}=${name}`,
        `${label.role}=${role.name}`,
        `${label.roleId}=${role.name}-${ordinal}`,
      ];
      await this.#deletePods(serving, selector.join(','));
      const replica = replicas.find((candidate) => candidate.ordinal === ordinal);
      if (replica !== undefined) replica.deleting = true;
    }
  }

  async #createMissingPods(serving: ModelServing, group: number, role: Role, roleReplica: number): Promise<void> {
    const place = { group, role: role.name, roleReplica };
    for (const [index, pod] of podsOf(serving, role, place, this.#seed).entries()) {
      const name = podName(serving, place, index);
      if (this.#pods.has(name) || this.#unseen.has(name)) continue;
      this.#unseen.add(name);
      try {
        await this.#api.create(`/api/v1/namespaces/${serving.metadata.namespace}/pods`, pod);
      } catch (error) {
        this.#unseen.delete(name);
        if (!(error instanceof ApiError && error.status === 409)) throw error;
        this.#inTheWay = error;
      }
    }
  }

  async #deletePods({ metadata }: ModelServing, labelSelector: string): Promise<void> {
    const query = new URLSearchParams({ labelSelector });
    await this.#api.delete(`/api/v1/namespaces/${metadata.namespace}/pods?${query}`);
  }

  #report(
    { metadata }: ModelServing,
    decision: Omit<Decision, 'at' | 'modelServing' | 'chosen'> & { chosen: Candidate[] },
  ): void {
    const { name, namespace } = metadata;
    const chosen = decision.chosen.map(({ ordinal }) => ordinal);
    this.#decided({ ...decision, at: Date.now(), modelServing: `${namespace}/${name}`, chosen });
  }

  async #writeStatus(serving: ModelServing): Promise<void> {
    const live = this.#ordered().filter(({ deleting }) => deleting === undefined);
    const available = live.filter(isRunning);
    const revision = revisionOf(serving);
    const status: ModelServingStatus = {
      observedGeneration: serving.metadata.generation,
      replicas: this.#groups.size,
      currentReplicas: live.length,
      updatedReplicas: live.length,
      availableReplicas: available.length,
      currentRevision: revision,
      updateRevision: revision,
      labelSelector: labelSelectorOf(serving),
    };
    const text = JSON.stringify(status);
    if (text === this.#writtenStatus) return;
    const { name, namespace } = serving.metadata;
    const path = `/apis/workload.serving.volcano.sh/v1alpha1/namespaces/${namespace}/modelservings/${name}/status`;
    await this.#api.patch(path, { status }, 'merge');
    this.#writtenStatus = text;
  }
}
