import { CodedError } from '../../domain/coded-error.ts';
import { type JsonObject, listAt, objectAt, textOf } from '../../workloads/core/json.ts';
import type { PatchOperation } from '../../workloads/core/json-patch.ts';
import type { KubeApi } from './kube-api.ts';
import { mayHaveChanged, unlessNotFound } from './kube-errors.ts';

/** The Secret's keys, as kubernetes.io/tls and cert-manager name them. */
const KEYS = { ca: 'ca.crt', cert: 'tls.crt', key: 'tls.key' } as const;

const WEBHOOK_CONFIGURATIONS = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'];
/** What the manifests call both of them, and the only ones that RBAC lets packdown patch. */
const CONFIGURATION = 'packdown';

/** The last only finds that the one before has worked. */
const ATTEMPTS = 4;

interface Pem {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * A Secret that holds the certificate of all replicas, and the webhook configurations that trust it. The Secret must be
 * there, be it empty: to create one cannot be granted by name.
 */
export class TlsSecret {
  readonly #api: Pick<KubeApi, 'get' | 'patch'>;
  readonly #path: string;

  constructor(
    api: Pick<KubeApi, 'get' | 'patch'>,
    { namespace, name }: { readonly namespace: string; readonly name: string },
  ) {
    this.#api = api;
    this.#path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
  }

  async read(signal: AbortSignal): Promise<{ stored: Pem | null; version: string }> {
    const secret = await this.#api.get(this.#path, signal);
    const data = objectAt(secret, 'data');
    const [ca, cert, key] = [KEYS.ca, KEYS.cert, KEYS.key].map((name) => decode(data[name]));
    const isWhole = ca !== undefined && cert !== undefined && key !== undefined;
    return {
      stored: isWhole ? { ca, cert, key } : null,
      version: textOf(objectAt(secret, 'metadata').resourceVersion) ?? '',
    };
  }

  async write({ ca, cert, key }: Pem, version: string, signal: AbortSignal): Promise<boolean> {
    const data = { [KEYS.ca]: encode(ca), [KEYS.cert]: encode(cert), [KEYS.key]: encode(key) };
    const operations = [
      { op: 'test', path: '/metadata/resourceVersion', value: version },
      { op: 'add', path: '/data', value: data },
    ] as const;
    return this.#patched(this.#path, operations, signal);
  }

  /**
   * Sets the caBundle of every webhook that has another one; of a configuration that is not there nobody has to trust
   * anything. Throws CodedError `Contended` when others keep changing them.
   */
  async trust(ca: string, signal: AbortSignal): Promise<void> {
    for (const resource of WEBHOOK_CONFIGURATIONS) {
      await this.#trustIn(`/apis/admissionregistration.k8s.io/v1/${resource}/${CONFIGURATION}`, encode(ca), signal);
    }
  }

  async #trustIn(path: string, caBundle: string, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const configuration = await unlessNotFound(this.#api.get(path, signal));
      const operations = configuration === null ? [] : bundleOperations(configuration, caBundle);
      if (operations.length === 0) return;
      await this.#patched(path, operations, signal);
    }
    throw new CodedError(
      'Contended',
      `the caBundle at ${path} does not stay as packdown sets it; see who else sets it`,
    );
  }

  /** Whether the object was still as the patch tests it. */
  async #patched(path: string, operations: readonly PatchOperation[], signal: AbortSignal): Promise<boolean> {
    try {
      await this.#api.patch(path, operations, signal);
      return true;
    } catch (error) {
      if (mayHaveChanged(error)) return false;
      throw error;
    }
  }
}

function bundleOperations(configuration: JsonObject, caBundle: string): readonly PatchOperation[] {
  return listAt(configuration, 'webhooks').flatMap((webhook, index): readonly PatchOperation[] => {
    if (objectAt(webhook, 'clientConfig').caBundle === caBundle) return [];
    return [
      { op: 'test', path: `/webhooks/${index}/name`, value: webhook.name },
      { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: caBundle },
    ];
  });
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(value: unknown): string | undefined {
  const text = textOf(value);
  return text === null ? undefined : Buffer.from(text, 'base64').toString();
}
