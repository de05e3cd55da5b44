import { registerHooks } from 'node:module';
import type { KubeConfig } from '@kubernetes/client-node';

/** The classes that client-node generates for every API, which its KubeConfig needs only to make clients of its own. */
const GENERATED = './gen/index.js';
const NO_CLASSES = `data:text/javascript,${encodeURIComponent('export { createConfiguration, ServerConfiguration }; let createConfiguration, ServerConfiguration;')}`;

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
