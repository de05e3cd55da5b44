import { KeyObject, webcrypto } from 'node:crypto';
import type { JsonGeneralNames } from '@peculiar/x509';
import { CodedError } from '../domain/coded-error.ts';

export const DEFAULT_SERVICE = 'packdown.packdown-system.svc';

const DAY = 24 * 60 * 60 * 1000;
const LEAF_LIFETIME = 365 * DAY;
const CA_LIFETIME = 3650 * DAY;
/** So that a client whose clock runs behind ours does not take the certificate for one of the future. */
const BACKDATED = 60 * 60 * 1000;

const KEY = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' };
const CA_NAME = 'CN=packdown CA';
const SERVICE_NAME = /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)\.([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)\.svc$/;

/** A certificate authority and the one certificate that it signed; `ca`, `cert` and `key` are PEM. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** When `cert` stops being valid. */
  readonly notAfter: Date;
}

/**
 * Makes a CA (10 years) and a server certificate (1 year), both ECDSA P-256, for localhost and every name that
 * `service` (`NAME.NAMESPACE.svc`) goes by. The CA's key is dropped, so nothing else can ever be signed by it.
 *
 * @throws CodedError `InvalidService` when `service` is not of that form.
 */
export async function makeCertificates(options: { service?: string; now: Date }): Promise<Certificates> {
  const names = serverNames(options.service ?? DEFAULT_SERVICE);
  const x509 = await library();
  const now = options.now.getTime();
  const notBefore = new Date(now - BACKDATED);

  const caKeys = await webcrypto.subtle.generateKey(KEY, false, ['sign', 'verify']);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: CA_NAME,
    keys: caKeys,
    signingAlgorithm: SIGNATURE,
    notBefore,
    notAfter: new Date(now + CA_LIFETIME),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });

  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.create({
    subject: 'CN=packdown',
    issuer: CA_NAME,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: SIGNATURE,
    notBefore,
    notAfter: new Date(now + LEAF_LIFETIME),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });

  return {
    ca: `${ca.toString('pem')}\n`,
    cert: `${cert.toString('pem')}\n`,
    key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    notAfter: cert.notAfter,
  };
}

/** Read only by who makes certificates: it takes 3 MB of heap. It refuses to load without reflect-metadata. */
async function library() {
  await import('reflect-metadata');
  return await import('@peculiar/x509');
}

/** What goes into `caBundle` of a webhook configuration: the base64 of the CA's PEM. */
export function caBundle(pem: string): string {
  return Buffer.from(pem).toString('base64');
}

function serverNames(service: string): JsonGeneralNames {
  const match = SERVICE_NAME.exec(service);
  const [, name, , namespace] = match ?? [];
  if (name === undefined || namespace === undefined) {
    throw new CodedError('InvalidService', `"${service}" is not a service name: write NAME.NAMESPACE.svc.`);
  }
  return [
    { type: 'dns', value: service },
    { type: 'dns', value: name },
    { type: 'dns', value: `${name}.${namespace}` },
    { type: 'dns', value: `${service}.cluster.local` },
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
    { type: 'ip', value: '::1' },
  ];
}
