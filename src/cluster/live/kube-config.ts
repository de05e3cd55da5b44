import { registerHooks } from 'node:module';
import type { KubeConfig } from '@kubernetes/client-node';
import { CodedError } from '../../domain/coded-error.ts';

/** The classes that client-node generates for every API, which its KubeConfig needs only to make clients of its own. */
const GENERATED = './gen/index.js';
const NO_CLASSES = `data:text/javascript,${encodeURIComponent('export { createConfiguration, ServerConfiguration }; let createConfiguration, ServerConfiguration;')}`;

/** A kubeconfig; without a path, the one that kubectl would use. Throws CodedError `UnreadableKubeconfig`. */
export async function readKubeConfig(path: string | undefined): Promise<KubeConfig> {
  const config = await emptyKubeConfig();
  try {
    if (path === undefined) config.loadFromDefault();
    else config.loadFromFile(path);
  } catch (error) {
    // A parser's message may quote the file, and the file holds secrets.
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    throw unreadable(`${path ?? 'the default one'} is missing or no kubeconfig${code}; pass another with --kubeconfig`);
  }
  return config;
}

/** What the ServiceAccount of this pod gives it. Throws CodedError `UnreadableKubeconfig` where this is no pod. */
export async function podKubeConfig(): Promise<KubeConfig> {
  if (process.env.KUBERNETES_SERVICE_HOST === undefined) {
    throw unreadable('this is no pod: KUBERNETES_SERVICE_HOST is not set; pass --kubeconfig instead of --in-cluster');
  }
  const config = await emptyKubeConfig();
  config.loadFromCluster();
  return config;
}

/** A kubeconfig that cannot be used, and why. */
export function unreadable(what: string): CodedError {
  return new CodedError('UnreadableKubeconfig', `cannot use the kubeconfig: ${what}`);
}

/**
 * An empty KubeConfig of client-node, which does authentication and TLS for us. Its generated classes stay out of the
 * process: nothing of ours uses them, and they would take 40 MB and half of the time that packdown needs to start.
 */
export async function emptyKubeConfig(): Promise<KubeConfig> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === GENERATED && context.parentURL?.endsWith('/client-node/dist/config.js')
        ? { url: NO_CLASSES, format: 'module', shortCircuit: true }
        : next(specifier, context),
  });
  try {
    const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
    return new KubeConfig();
  } finally {
    hooks.deregister();
  }
}
