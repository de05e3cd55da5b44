import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSecureContext } from 'node:tls';
import { CodedError } from '../../src/domain/coded-error.ts';
import { makeCertificates } from '../../src/http/certificates.ts';
import { expiryOf, secureContextOptions } from '../../src/http/tls-settings.ts';

const ours = await makeCertificates({ now: new Date() });
const other = await makeCertificates({ now: new Date() });
const half = (pem: string) => pem.slice(0, pem.length / 2);

describe('TLS settings are put to use', () => {
  const usable: readonly [title: string, cert: string, clientCa: string | null][] = [
    ['with one certificate', ours.cert, null],
    ['with intermediates after the certificate', ours.cert + other.ca, null],
    ['with text around the certificates', `subject=CN=packdown\n${ours.cert}issuer=CN=CA\n${ours.ca}`, null],
    ['with one client CA', ours.cert, ours.ca],
    ['with several client CAs', ours.cert, ours.ca + other.ca],
  ];
  for (const [title, cert, clientCa] of usable) {
    it(title, () => {
      createSecureContext(secureContextOptions({ tls: { cert, key: ours.key }, clientCa }));
    });
  }

  it('with no CA at all believed where none is given', () => {
    assert.deepEqual(secureContextOptions({ tls: ours, clientCa: null }).ca, []);
  });

  it('and say when their certificate expires, to the second', () => {
    const seconds = (date: Date) => Math.floor(date.getTime() / 1000);
    assert.equal(seconds(expiryOf({ tls: ours, clientCa: null })), seconds(ours.notAfter));
  });
});

describe('TLS settings are refused', () => {
  const bad: readonly [title: string, cert: string, key: string, reason: RegExp][] = [
    ['with the key of another certificate', ours.cert, other.key, /the key is not of this certificate/],
    ['with an empty certificate', '', ours.key, /it holds no complete certificate/],
    ['with half a certificate', half(ours.cert), ours.key, /it holds no complete certificate/],
    ['with a certificate that lacks its last dash', ours.cert.trimEnd().slice(0, -1), ours.key, /no complete/],
    ['with half an intermediate', ours.cert + half(ours.ca), ours.key, /it ends in the middle of a certificate/],
    ['with the first bytes of an intermediate', `${ours.cert}-----BEG`, ours.key, /in the middle of a certificate/],
    ['with bytes that are no certificate', ours.cert.replace(/^M.{20}/m, ''), ours.key, /./],
    ['with an empty key', ours.cert, '', /the key cannot be read: /],
    ['with half a key', ours.cert, half(ours.key), /the key cannot be read: /],
  ];
  for (const [title, cert, key, reason] of bad) {
    it(title, () => assertRefused('InvalidCertificate', reason, cert, key, null));
  }

  for (const [title, clientCa] of [
    ['an empty client CA', ''],
    ['half a client CA', half(ours.ca)],
    ['half of the second client CA', ours.ca + half(other.ca)],
    ['a client CA that is no PEM', 'no PEM'],
    ['a key for a client CA', ours.key],
  ] as const) {
    it(`with ${title}`, () => assertRefused('InvalidClientCa', /./, ours.cert, ours.key, clientCa));
  }
});

function assertRefused(code: string, reason: RegExp, cert: string, key: string, clientCa: string | null): void {
  assert.throws(
    () => secureContextOptions({ tls: { cert, key }, clientCa }),
    (error: unknown) => error instanceof CodedError && error.code === code && reason.test(error.message),
  );
}
