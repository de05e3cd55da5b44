import type { Cluster } from '../control-plane/cluster.ts';

/** How many reviews of packdown's webhooks the apiserver has let pass because it had no answer, a late one included. */
export async function failedOpen({ kubectlOutput }: Cluster): Promise<number> {
  const metrics = await kubectlOutput('get', '--raw', '/metrics');
  return metrics
    .split('\n')
    .filter((line) => line.startsWith('apiserver_admission_webhook_fail_open_count{') && line.includes('packdown.io"'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
