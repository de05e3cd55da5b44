import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const KEY = { name: 'ECDSA', namedCurve: 'P-256' };

/** A client CA and a client certificate that it signed, both PEM: what an apiserver would present. */
export async function makeClientCertificates(caName = 'client CA'): Promise<{ ca: string; cert: string; key: string }> {
  const caKeys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${caName}`,
    keys: caKeys,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  const cert = await X509CertificateGenerator.create({
    subject: 'CN=kube-apiserver',
    issuer: `CN=${caName}`,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])],
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { ca: ca.toString('pem'), cert: cert.toString('pem'), key };
}
