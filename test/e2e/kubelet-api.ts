import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetch } from 'undici';
import type { ControlPlane } from './control-plane/control-plane.ts';
import { freePort } from './control-plane/processes.ts';
import { until } from './control-plane/wait.ts';
import { listenOnLoopback } from './loopback.ts';

const STAGES = fileURLToPath(new URL('control-plane/stages.yaml', import.meta.url));

/**
 * What the apiserver asks kubelets for on behalf of `kubectl port-forward`, answered by a kwok that does nothing else:
 * for pods of packdown, port 8080 leads to `opsPort()`. The nodes are told to have their kubelets there.
 */
export async function startKubeletApi(
  controlPlane: ControlPlane,
  kwok: string,
  nodes: readonly string[],
  opsPort: () => number | undefined,
): Promise<void> {
  // kwok reads its configuration once; the port of a pod changes with the pod.
  const relay = createServer((incoming) => {
    const port = opsPort();
    if (port === undefined) return void incoming.destroy();
    const outgoing = connect(port, '127.0.0.1');
    incoming.pipe(outgoing).pipe(incoming);
    outgoing.on('error', () => incoming.destroy());
    incoming.on('error', () => outgoing.destroy());
  }).unref();
  const target = { address: '127.0.0.1', port: await listenOnLoopback(relay) };
  const forward = {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'ClusterPortForward',
    metadata: { name: 'packdown' },
    spec: { selector: { matchNamespaces: ['packdown-system'] }, forwards: [{ ports: [8080], target }] },
  };
  const config = join(controlPlane.folder, 'kubelet-api.json');
  await writeFile(config, JSON.stringify(forward));

  const port = await freePort();
  const flags = [
    `--kubeconfig=${controlPlane.adminKubeconfig}`,
    '--manage-single-node=none',
    `--config=${STAGES}`,
    `--config=${config}`,
    `--server-address=127.0.0.1:${port}`,
  ];
  controlPlane.startProgram('kubelet-api', kwok, flags);
  await until('the API of kubelets to answer', async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  for (const node of nodes) await controlPlane.api.patch(`/api/v1/nodes/${node}/status`, { status }, 'merge');
}
