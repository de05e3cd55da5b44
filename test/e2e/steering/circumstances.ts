import type { ControlPlane } from '../control-plane/control-plane.ts';
import { until } from '../control-plane/wait.ts';
import type { Draw } from './random.ts';
import { POD_DELETION_COST, settled } from './scale-downs.ts';
import type { Observed, Subject } from './subjects.ts';

/** As if packdown were away whenever a pod of this namespace is bound. */
export async function neverStamp({ api }: ControlPlane, namespace: string): Promise<void> {
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/packdown';
  const { webhooks } = await api.get<{ webhooks: object[] }>(path);
  const value = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [namespace] };
  const patch = webhooks.map((_, index) => ({
    op: 'add',
    path: `/webhooks/${index}/namespaceSelector/matchExpressions/-`,
    value,
  }));
  await api.patch(path, patch, 'json');
}

/**
 * Puts a cost of somebody else's on one of the pods, which no other pod has: between two that others have made equal,
 * and that were created and got ready in the same seconds, a ReplicaSet chooses by chance.
 */
export async function addForeignCost(
  controlPlane: ControlPlane,
  subject: Subject,
  count: number,
  draw: Draw,
): Promise<void> {
  const pods = await settled(controlPlane, subject, count);
  const pod = pods[draw(0, pods.length - 1)];
  if (pod === undefined) return;
  const { namespace, name } = pod.metadata;
  const taken = new Set(pods.map(({ metadata }) => metadata.annotations?.[POD_DELETION_COST]));
  let cost = String(draw(-20, 200));
  while (taken.has(cost)) cost = String(draw(-20, 200));
  const change = { metadata: { annotations: { [POD_DELETION_COST]: cost } } };
  await controlPlane.api.patch(`/api/v1/namespaces/${namespace}/pods/${name}`, change, 'merge');
}

/** Starts a rollout whose pods fit on no node before one is labelled `rollout=open`, and pauses it when it is stuck. */
export async function holdRollout({ api }: ControlPlane, { name, path, podsAt, most }: Subject): Promise<void> {
  const template = { spec: { nodeSelector: { rollout: 'open' } } };
  await api.patch(path, { spec: { template } }, 'merge');
  await until(`the rollout of ${name} to be held`, async () => {
    const { metadata, status } = await api.get<Observed>(path);
    return status?.observedGeneration === metadata.generation && status.replicas === podsAt(most);
  });
  await api.patch(path, { spec: { paused: true } }, 'merge');
}
