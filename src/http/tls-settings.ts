import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { CodedError, messageOf } from '../domain/coded-error.ts';

/** What an HTTPS server presents, and whose clients it believes; all PEM. */
export interface TlsSettings {
  /** The certificate, with its intermediates after it, and its key. */
  readonly tls: { readonly cert: string; readonly key: string };
  /** One CA or several; when set, every request needs a client certificate that one of them has signed. */
  readonly clientCa: string | null;
}

/**
 * The settings as Node takes them, proven to work: it would itself accept empty files and half of a CA file.
 *
 * @throws CodedError `InvalidCertificate`, `InvalidClientCa`
 */
export function secureContextOptions({ tls: { cert, key }, clientCa }: TlsSettings): SecureContextOptions {
  // Without `ca` Node would believe the clients of every public CA.
  const ca = clientCa === null ? [] : [checkedClientCa(clientCa)];
  const options: SecureContextOptions = { cert, key, ca, minVersion: 'TLSv1.2' };
  try {
    const [leaf] = readCertificates(cert);
    if (!leaf.checkPrivateKey(readKey(key))) throw new Error('the key is not of this certificate');
    createSecureContext(options);
    return options;
  } catch (error) {
    throw new CodedError(
      'InvalidCertificate',
      `The TLS certificate or key cannot be used (${messageOf(error)}): give a PEM pair.`,
    );
  }
}

/** When the certificate stops being valid. */
export function expiryOf({ tls }: TlsSettings): Date {
  return readCertificates(tls.cert)[0].validToDate;
}

function checkedClientCa(pem: string): string {
  try {
    readCertificates(pem);
    return pem;
  } catch (error) {
    throw new CodedError(
      'InvalidClientCa',
      `The client CA cannot be used (${messageOf(error)}): give a PEM certificate.`,
    );
  }
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    // What OpenSSL says, of DECODER routines, does not tell which of the two files it means.
    throw new Error(`the key cannot be read: ${messageOf(error)}`);
  }
}

const BLOCK = /-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g;

/** Every certificate of a PEM file, of which nothing may be cut off. Throws for anything else. */
export function readCertificates(pem: string): [X509Certificate, ...X509Certificate[]] {
  const [first, ...others] = pem.match(BLOCK) ?? [];
  if (first === undefined) throw new Error('it holds no complete certificate');
  if (pem.replace(BLOCK, '').includes('-----')) throw new Error('it ends in the middle of a certificate');
  return [new X509Certificate(first), ...others.map((block) => new X509Certificate(block))];
}
