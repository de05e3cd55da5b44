import { type JsonObject, listAt } from '../../src/workloads/core/json.ts';
import type { Cluster } from './control-plane/cluster.ts';
import { until } from './control-plane/wait.ts';

const PROBE = { namespace: 'default', name: 'packdown-probe' };
const REPLICA_SETS = `/apis/apps/v1/namespaces/${PROBE.namespace}/replicasets`;
const PODS = `/api/v1/namespaces/${PROBE.namespace}/pods`;

/**
 * Waits until the apiserver has had an answer from a webhook of each configuration: it takes them in some time after
 * they were written. Asked with dry runs that concern both; nothing is left behind.
 */
export async function webhooksInEffect(
  { api, kubectl }: Cluster,
  configurations: readonly JsonObject[],
): Promise<void> {
  const metadata = { name: PROBE.name };
  const labels = { app: PROBE.name };
  const podSpec = { nodeName: PROBE.name, containers: [{ name: 'none', image: 'none' }] };
  await api.create(REPLICA_SETS, {
    metadata,
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec } },
  });
  await until('the apiserver to call the webhooks', async () => {
    await api.patch(`${REPLICA_SETS}/${PROBE.name}?dryRun=All`, { metadata: { labels } }, 'merge');
    await api.create(`${PODS}?dryRun=All`, { metadata, spec: podSpec });
    const { stdout } = await kubectl('get', '--raw', '/metrics');
    const answered = stdout
      .split('\n')
      .filter((line) => line.startsWith('apiserver_admission_webhook_request_total{') && line.includes('code="200"'));
    return configurations.every((configuration) =>
      listAt(configuration, 'webhooks').some(({ name }) => answered.some((line) => line.includes(`name="${name}"`))),
    );
  });
  await api.delete(`${REPLICA_SETS}/${PROBE.name}`);
}
