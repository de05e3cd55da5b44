import { CodedError } from '../domain/coded-error.ts';
import { DEFAULT_SERVICE, makeCertificates } from '../http/certificates.ts';
import type { TlsSettings } from '../http/tls-settings.ts';
import { readTextFile } from './files.ts';
import { fleetsNamed } from './fleet-source.ts';
import type { Arguments } from './usage.ts';

export const TLS_FLAGS = {
  'tls-cert': {
    type: 'string',
    value: 'F',
    help: 'the certificate, PEM, read again when it changes (default: a self-signed one)',
  },
  'tls-key': { type: 'string', value: 'F', help: 'its key, PEM' },
  'tls-secret': {
    type: 'string',
    value: 'NAMESPACE/NAME',
    help: 'a Secret through which replicas share a certificate that packdown makes and renews',
  },
  service: {
    type: 'string',
    value: 'NAME.NAMESPACE.svc',
    help: `what certificates that packdown makes are good for (default ${DEFAULT_SERVICE})`,
  },
  'client-ca': {
    type: 'string',
    value: 'F',
    help: 'callers on the HTTPS port must show a certificate that this CA has signed; opens /scheduler/bind',
  },
} as const;

/** Where the server's TLS settings come from. */
export interface TlsSource {
  /** The files that they are read from, if any. */
  readonly files: readonly string[];
  /** The Secret that the certificate is shared through; what is read is then only for the time until it is there. */
  readonly secret: { readonly namespace: string; readonly name: string } | null;
  /** `NAME.NAMESPACE.svc`, for certificates that are made here. */
  readonly service: string;
  /** Throws CodedError `UnreadableFile`. */
  read(): Promise<TlsSettings>;
}

/**
 * The files or the Secret that the flags name; without a certificate, a self-signed one made now (milliseconds since
 * the epoch), the same at every reading. Throws CodedError `WrongUsage` for flags that do not go together.
 */
export async function tlsSource(args: Arguments, now: number): Promise<TlsSource> {
  const cert = args.text('tls-cert');
  const key = args.text('tls-key');
  const clientCa = args.text('client-ca');
  const readClientCa = async () => (clientCa === undefined ? null : readTextFile(clientCa));
  const caFiles = clientCa === undefined ? [] : [clientCa];
  const secret = secretOf(args.text('tls-secret'));
  const service = args.text('service') ?? DEFAULT_SERVICE;
  if (secret !== null && fleetsNamed(args).includes('fleet')) {
    throw new CodedError('WrongUsage', '--tls-secret needs a cluster: --in-cluster or --kubeconfig F');
  }
  if (secret !== null && (cert !== undefined || key !== undefined)) {
    throw new CodedError('WrongUsage', '--tls-secret goes without --tls-cert and --tls-key: the Secret holds both');
  }
  if (cert !== undefined && key !== undefined) {
    return {
      files: [cert, key, ...caFiles],
      secret,
      service,
      async read() {
        return {
          tls: { cert: await readTextFile(cert), key: await readTextFile(key) },
          clientCa: await readClientCa(),
        };
      },
    };
  }
  if (cert !== undefined || key !== undefined) {
    throw new CodedError(
      'WrongUsage',
      '--tls-cert and --tls-key go together: give both, or neither for a self-signed certificate',
    );
  }
  const tls = await makeCertificates({ service, now: new Date(now) });
  return { files: caFiles, secret, service, read: async () => ({ tls, clientCa: await readClientCa() }) };
}

function secretOf(text: string | undefined): TlsSource['secret'] {
  if (text === undefined) return null;
  const [namespace, name, ...rest] = text.split('/');
  if (namespace && name && rest.length === 0) return { namespace, name };
  throw new CodedError('WrongUsage', `--tls-secret ${text} is not NAMESPACE/NAME`);
}
