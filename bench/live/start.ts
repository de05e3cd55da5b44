import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { request } from 'undici';
import { DOCKERFILE, entrypointArguments } from '../image.ts';
import { type StartedServer, startPackdown, startServer, type Workplace } from '../processes.ts';

/**
 * packdown as the image starts it, on the cluster of the benchmark's own apiserver; `begin` is when, by
 * performance.now().
 */
export async function startLive({ folder, tls, ca }: Workplace): Promise<{
  readonly api: StartedServer;
  readonly packdown: StartedServer;
  readonly begin: number;
}> {
  const api = await startServer(['bench/live/api-server.ts', ...tls]);
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigFor(api.port, ca));
  const begin = performance.now();
  const packdown = await startPackdown(['--kubeconfig', kubeconfig, ...tls], { node: imageArguments() });
  return { api, packdown, begin };
}

/** Resolves when packdown has read the cluster. */
export async function synced(opsPort: number): Promise<void> {
  for (;;) {
    const { statusCode, body } = await request(`http://127.0.0.1:${opsPort}/readyz`);
    await body.dump();
    if (statusCode === 200) return;
    await setTimeout(50);
  }
}

/** What the image gives Node; and its environment, to this process and those that it starts. */
function imageArguments(): readonly string[] {
  for (const [, name = '', value] of DOCKERFILE.matchAll(/^ENV (\w+)=(.*)$/gm)) process.env[name] = value;
  return entrypointArguments();
}

function kubeconfigFor(port: number, ca: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [
      {
        name: 'bench',
        cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority': ca },
      },
    ],
    users: [{ name: 'bench', user: { token: 'bench' } }],
  });
}
