import type { TestContext } from 'node:test';
import { ApiServerDouble } from '../cluster/live/api-server-double.ts';
import { temporaryFile } from './run-in-process.ts';

export const LEASES = '/apis/coordination.k8s.io/v1/namespaces/packdown-system/leases';
export const CONFIG_MAPS = '/api/v1/namespaces/packdown-system/configmaps';

/** An apiserver without TLS, in packdown's namespace ready for leaders, and a kubeconfig that leads to it. */
export async function cluster(t: TestContext): Promise<{ server: ApiServerDouble; kubeconfig: string }> {
  const server = await ApiServerDouble.start();
  t.after(() => server.close());
  server.serve(LEASES);
  server.serve(CONFIG_MAPS);
  return { server, kubeconfig: await temporaryFile(t, 'kubeconfig', kubeconfigOf(server.url)) };
}

export function kubeconfigOf(server: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'double',
    contexts: [{ name: 'double', context: { cluster: 'double', user: 'tester', namespace: 'somewhere' } }],
    clusters: [{ name: 'double', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'tester', user: { token: 's3cret' } }],
  };
}
