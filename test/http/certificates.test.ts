import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { checkServerIdentity } from 'node:tls';
import { CodedError } from '../../src/domain/coded-error.ts';
import { caBundle, makeCertificates } from '../../src/http/certificates.ts';

const now = new Date('2026-01-31T12:00:00Z');
const made = await makeCertificates({ now });
const ca = new X509Certificate(made.ca);
const cert = new X509Certificate(made.cert);

describe('a certificate made here', () => {
  const dnsNames = [
    'localhost',
    'packdown',
    'packdown.packdown-system',
    'packdown.packdown-system.svc',
    'packdown.packdown-system.svc.cluster.local',
  ];
  for (const name of dnsNames) {
    it(`is good for ${name}`, () => {
      assert.equal(cert.checkHost(name), name);
      assert.equal(checkServerIdentity(name, cert.toLegacyObject()), undefined);
    });
  }

  for (const address of ['127.0.0.1', '::1']) {
    it(`is good for ${address}`, () => assert.equal(cert.checkIP(address), address));
  }

  it('is good for no other name', () => {
    for (const name of ['example.com', 'packdown.default.svc', 'a.packdown', 'packdown.packdown-system.svc.other']) {
      assert.equal(cert.checkHost(name), undefined);
    }
    assert.equal(cert.checkIP('10.0.0.1'), undefined);
  });

  it('is good for the service that was named', async () => {
    const named = new X509Certificate((await makeCertificates({ service: 'pd.gpu.svc', now })).cert);
    assert.equal(named.checkHost('pd.gpu.svc'), 'pd.gpu.svc');
    assert.equal(named.checkHost('packdown.packdown-system.svc'), undefined);
  });

  it('is signed by its CA, which signs itself', () => {
    assert.equal(cert.verify(ca.publicKey), true);
    assert.equal(cert.checkIssued(ca), true);
    assert.equal(ca.verify(ca.publicKey), true);
    assert.deepEqual([ca.ca, cert.ca], [true, false]);
  });

  it('has the key that it comes with, on P-256', () => {
    assert.equal(cert.checkPrivateKey(createPrivateKey(made.key)), true);
    for (const { publicKey } of [ca, cert]) {
      assert.equal(publicKey.asymmetricKeyType, 'ec');
      assert.equal(publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    }
  });

  it('is for servers only', () => assert.deepEqual(cert.keyUsage, ['1.3.6.1.5.5.7.3.1']));

  it('lasts a year from now, its CA ten, and both an hour before', () => {
    assert.equal(made.notAfter.toISOString(), '2027-01-31T12:00:00.000Z');
    assert.equal(cert.validToDate.getTime(), made.notAfter.getTime());
    assert.equal(ca.validToDate.toISOString(), '2036-01-29T12:00:00.000Z');
    for (const { validFromDate } of [ca, cert]) assert.equal(validFromDate.toISOString(), '2026-01-31T11:00:00.000Z');
  });

  it('is another one each time, with another serial number and key', async () => {
    const again = await makeCertificates({ now });
    assert.notEqual(new X509Certificate(again.cert).serialNumber, cert.serialNumber);
    assert.notEqual(again.key, made.key);
    assert.notEqual(again.ca, made.ca);
  });
});

describe('a service name', () => {
  const wrong = ['', 'packdown', 'packdown.svc', 'a.b.c.svc', 'Packdown.ns.svc', 'a.b.svc.', '-a.b.svc', 'a_b.c.svc'];
  for (const service of [...wrong, `${'a'.repeat(64)}.b.svc`]) {
    it(`is not "${service}"`, async () => {
      await assert.rejects(
        makeCertificates({ service, now }),
        (error) => error instanceof CodedError && error.code === 'InvalidService',
      );
    });
  }

  it('may have both labels at their longest', async () => {
    const service = `${'a'.repeat(63)}.${'b'.repeat(63)}.svc`;
    assert.equal(new X509Certificate((await makeCertificates({ service, now })).cert).checkHost(service), service);
  });
});

describe('the caBundle', () => {
  it('is the base64 of the PEM', () => assert.equal(Buffer.from(caBundle(made.ca), 'base64').toString(), made.ca));
});
