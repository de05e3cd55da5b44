import type { ControlPlane } from '../control-plane/control-plane.ts';
import { until } from '../control-plane/wait.ts';
import type { Installation } from '../installation.ts';
import { isReady } from '../kthena-double/model-serving.ts';
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
}

export const POD_DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** Scales workloads and waits until everybody concerned has seen it. */
export class Scaler {
  readonly #controlPlane: ControlPlane;
  readonly #packdown: Installation;
  #fences = 0;
  /** One after another, so that their numbers rise. */
  #lastFence: Promise<unknown> = Promise.resolve();

  constructor(controlPlane: ControlPlane, packdown: Installation) {
    this.#controlPlane = controlPlane;
    this.#packdown = packdown;
  }

  async scaleDown(subject: Subject, from: number, to: number, withKubectl = false): Promise<ScaleDown> {
    const before = await settled(this.#controlPlane, subject, from);
    await this.#packdownSees(subject, from);
    const began = Date.now();
    await (withKubectl ? this.#kubectl(subject, to) : scale(this.#controlPlane, subject, to));
    const after = await settled(this.#controlPlane, subject, to);
    return { subject, from, to, began, ended: Date.now(), before, after };
  }

  async #kubectl({ kind, namespace, name, role, scaling }: Subject, count: number): Promise<void> {
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
  }

  /** Packdown has one watch for all pods: once it has seen a later change, it has seen all earlier ones. */
  async #packdownSees({ kind, namespace, name, role }: Subject, count: number): Promise<void> {
    this.#fences += 1;
    const fence = this.#fences;
    const change = { metadata: { annotations: { [POD_DELETION_COST]: String(fence) } } };
    this.#lastFence = this.#lastFence.then(() =>
      this.#controlPlane.api.patch('/api/v1/namespaces/default/pods/fence', change, 'merge'),
    );
    await this.#lastFence;
    await until('packdown to see all pods as they are', async () => {
      const costs = await this.#packdown.costs();
      return costs.some(({ pod, cost }) => pod === 'default/fence' && Number(cost) >= fence);
    });
    await until(`packdown to see ${count} of ${namespace}/${name}`, async () => {
      const scale = `${kind}/${namespace}/${name}${role === null ? '' : `:${role}`}=${count}`;
      const { requests } = await this.#packdown.plan(scale);
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
    { interval: 100 },
  );
}

function isSettled(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && (isReady(pod) || pod.spec.nodeSelector !== undefined);
}
