import type { ControlPlane } from '../control-plane/control-plane.ts';
import { until } from '../control-plane/wait.ts';
import { isReady } from '../kthena-double/model-serving.ts';
import type { Replica } from '../replica.ts';
import type { Observed, Subject } from './subjects.ts';

export interface Pod {
  metadata: {
    uid: string;
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
  spec: { nodeSelector?: Record<string, string> };
  status?: { phase?: string; conditions?: { type: string; status: string }[] };
}

/** A scale-down, from the request until its controller is done. */
export interface ScaleDown {
  subject: Subject;
  from: number;
  to: number;
  /** Milliseconds since the epoch. */
  began: number;
  ended: number;
  before: Pod[];
  after: Pod[];
  /** What kubectl printed to its user besides, warnings above all; empty where it was not used. */
  said: string;
}

export interface ScaleDownOptions {
  /** Default: with a request of the test's own. */
  withKubectl?: boolean;
  /** Done once the request is admitted, before anybody waits for the controller. */
  meanwhile?: () => Promise<void>;
}

export const POD_DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

let fences = 0;

/** Scales workloads and waits until everybody concerned has seen it. */
export class Scaler {
  readonly #controlPlane: ControlPlane;
  readonly #replicas: readonly Replica[];
  /** One after another, so that their numbers rise. */
  #lastFence: Promise<unknown> = Promise.resolve();

  /** Waits for these replicas of packdown: all that may be asked. */
  constructor(controlPlane: ControlPlane, ...replicas: readonly Replica[]) {
    this.#controlPlane = controlPlane;
    this.#replicas = replicas;
  }

  async scaleDown(subject: Subject, from: number, to: number, options: ScaleDownOptions = {}): Promise<ScaleDown> {
    return this.#scaleDown(subject, await this.ready(subject, from), from, to, options);
  }

  /** From their most to their least, all at the same instant. */
  async scaleDownTogether(subjects: Subject[]): Promise<ScaleDown[]> {
    const before = await Promise.all(subjects.map((subject) => this.ready(subject, subject.most)));
    return Promise.all(
      subjects.map((subject, index) => this.#scaleDown(subject, before[index] ?? [], subject.most, subject.least, {})),
    );
  }

  /** Its pods, once there are as many as wanted, and packdown sees all of them. */
  async ready(subject: Subject, count: number): Promise<Pod[]> {
    const pods = await settled(this.#controlPlane, subject, count);
    await this.#packdownSees(subject, count);
    return pods;
  }

  async #scaleDown(
    subject: Subject,
    before: Pod[],
    from: number,
    to: number,
    { withKubectl = false, meanwhile }: ScaleDownOptions,
  ): Promise<ScaleDown> {
    const began = Date.now();
    let said = '';
    if (withKubectl) said = await this.#kubectl(subject, to);
    else await scale(this.#controlPlane, subject, to);
    await meanwhile?.();
    const after = await settled(this.#controlPlane, subject, to);
    return { subject, from, to, began, ended: Date.now(), before, after, said };
  }

  async #kubectl({ kind, namespace, name, role, scaling }: Subject, count: number): Promise<string> {
    const object = [`--namespace=${namespace}`, `${kind}/${name}`];
    const { code, stderr } = await (role === null
      ? this.#controlPlane.kubectl('scale', ...object, `--replicas=${count}`)
      : this.#controlPlane.kubectl(
          'patch',
          ...object,
          '--type=json',
          `--patch=${JSON.stringify(scaling(count).body)}`,
        ));
    if (code !== 0) throw new Error(`kubectl could not scale ${namespace}/${name} to ${count}: ${stderr}`);
    return stderr;
  }

  /** Packdown has one watch for all pods: once it has seen a later change, it has seen all earlier ones. */
  async #packdownSees(subject: Subject, count: number): Promise<void> {
    fences += 1;
    const fence = fences;
    const change = { metadata: { annotations: { [POD_DELETION_COST]: String(fence) } } };
    this.#lastFence = this.#lastFence.then(() =>
      this.#controlPlane.api.patch('/api/v1/namespaces/default/pods/fence', change, 'merge'),
    );
    await this.#lastFence;
    await Promise.all(this.#replicas.map((replica) => this.#sees(replica, fence, subject, count)));
  }

  async #sees(replica: Replica, fence: number, subject: Subject, count: number): Promise<void> {
    await until('packdown to see all pods as they are', async () => {
      const costs = await replica.costs();
      return costs.some(({ pod, cost }) => pod === 'default/fence' && Number(cost) >= fence);
    });
    const scale = scaleOf(subject, count);
    await until(`packdown to see ${scale}`, async () => {
      const { requests } = await replica.plan(scale);
      return requests.every(({ from }) => from === count);
    });
  }
}

/** The pod whose changes show how far packdown's watch has come: no scheduler knows it. */
export const fencePod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'fence', namespace: 'default' },
  spec: { schedulerName: 'none', containers: [{ name: 'none', image: 'none' }] },
};

/** `KIND/NAMESPACE/NAME[:ROLE]=REPLICAS`, as packdown reads it. */
export function scaleOf({ kind, namespace, name, role }: Subject, count: number): string {
  return `${kind}/${namespace}/${name}${role === null ? '' : `:${role}`}=${count}`;
}

/** Names of the pods that packdown would choose now, and how many costs it would write. */
export async function planned(
  packdown: Replica,
  subject: Subject,
  count: number,
): Promise<{ pods: string[]; costs: number }> {
  const { victims, costs } = await packdown.plan(scaleOf(subject, count));
  const pods = victims.flatMap(({ pods }) => pods).map((pod) => pod.slice(subject.namespace.length + 1));
  return { pods: pods.sort(), costs: costs.length };
}

export async function scale({ api }: ControlPlane, subject: Subject, count: number): Promise<void> {
  const { path, body, type } = subject.scaling(count);
  await api.patch(path, body, type);
}

/** The pods, once there are as many as wanted, none on its way out, all ready but those that a rollout holds back. */
export async function settled({ api }: ControlPlane, subject: Subject, count: number): Promise<Pod[]> {
  const { namespace, name, path, podSelector } = subject;
  const pods = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(podSelector)}`;
  return until(
    `${namespace}/${name} to settle at ${count}`,
    async () => {
      if (!subject.isDone(await api.get<Observed>(path), count)) return false;
      const { items } = await api.get<{ items: Pod[] }>(pods);
      return items.length === subject.podsAt(count) && items.every(isSettled) && items;
    },
    // Controllers whose apiserver was away may take most of a minute to look again.
    { interval: 100, timeout: 180_000 },
  );
}

function isSettled(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && (isReady(pod) || pod.spec.nodeSelector !== undefined);
}
