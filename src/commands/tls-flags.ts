import { CodedError } from '../domain/coded-error.ts';
import { makeCertificates } from '../http/certificates.ts';
import type { TlsSettings } from '../http/tls-settings.ts';
import { readTextFile } from './files.ts';
import type { Arguments } from './usage.ts';

export const TLS_FLAGS = {
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'client-ca': { type: 'string' },
} as const;

/** Where the server's TLS settings come from. */
export interface TlsSource {
  /** The files that they are read from, if any. */
  readonly files: readonly string[];
  /** Throws CodedError `UnreadableFile`. */
  read(): Promise<TlsSettings>;
}

/**
 * The files that the flags name; without a certificate, a self-signed one made now (milliseconds since the epoch), the
 * same at every reading. Throws CodedError `WrongUsage` for a certificate without a key, or a key without one.
 */
export async function tlsSource(args: Arguments, now: number): Promise<TlsSource> {
  const cert = args.text('tls-cert');
  const key = args.text('tls-key');
  const clientCa = args.text('client-ca');
  const readClientCa = async () => (clientCa === undefined ? null : readTextFile(clientCa));
  const caFiles = clientCa === undefined ? [] : [clientCa];
  if (cert !== undefined && key !== undefined) {
    return {
      files: [cert, key, ...caFiles],
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
  const tls = await makeCertificates({ now: new Date(now) });
  return { files: caFiles, read: async () => ({ tls, clientCa: await readClientCa() }) };
}
