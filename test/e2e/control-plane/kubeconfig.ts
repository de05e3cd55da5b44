import { writeFile } from 'node:fs/promises';

/** Writes a kubeconfig with one context (as JSON, which is YAML) and returns its path. */
export async function writeKubeconfig(
  path: string,
  { server, caFile, token }: { server: string; caFile: string; token: string },
): Promise<string> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'e2e', user: { token } }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'e2e' } }],
    'current-context': 'e2e',
  };
  await writeFile(path, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  return path;
}
