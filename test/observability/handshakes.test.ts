import assert from 'node:assert/strict';
import { connect as connectPlainly } from 'node:net';
import { duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import { connect, type SecureVersion } from 'node:tls';
import type { HandshakeFailure } from '../../src/http/handshake-failure.ts';
import { until } from '../e2e/control-plane/wait.ts';
import { certificates, PATIENT } from '../http/test-server.ts';
import { observedServer } from './observed-server.ts';

/** An alert that ends a handshake, by its number in RFC 8446. */
const alert = (number: number) => Buffer.from([0x15, 3, 3, 0, 2, 2, number]);
const [BAD_CERTIFICATE, HANDSHAKE_FAILURE, EXPIRED, UNKNOWN_CA] = [42, 40, 45, 48];

/** Sends these bytes and closes; what comes back is not read. */
function send(port: number, bytes: string): void {
  const socket = connectPlainly(port, '127.0.0.1', () => socket.end(bytes));
  socket.on('error', () => undefined).resume();
}

/**
 * Begins a handshake, and to the server's part of it answers with these bytes and closes, as a caller that refuses
 * does.
 */
function breakOff(port: number, bytes: Buffer, maxVersion: SecureVersion = 'TLSv1.3'): void {
  const [inner, outer] = duplexPair();
  connect({ socket: inner, maxVersion }).on('error', () => undefined);
  const socket = connectPlainly(port, '127.0.0.1');
  socket.on('error', () => undefined);
  outer.once('data', (hello) => socket.write(hello));
  socket.once('data', () => socket.end(bytes));
}

/** Node looks at the server's certificate only when the handshake is done: what it offers is what can fail. */
function offer(port: number, options: { readonly ciphers: string; readonly maxVersion: SecureVersion }): void {
  connect({ host: '127.0.0.1', port, ca: certificates.ca, ...options }).on('error', () => undefined);
}

const CASES: readonly [title: string, reason: HandshakeFailure, fail: (port: number) => void, code: string | null][] = [
  [
    'does not trust the certificate, as Go says it',
    'untrusted',
    (port) => breakOff(port, alert(BAD_CERTIFICATE)),
    'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE',
  ],
  [
    'says so over TLS 1.2',
    'untrusted',
    (port) => breakOff(port, alert(BAD_CERTIFICATE), 'TLSv1.2'),
    'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE',
  ],
  [
    'knows another CA, as OpenSSL says it',
    'untrusted',
    (port) => breakOff(port, alert(UNKNOWN_CA)),
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  ],
  [
    'finds the certificate expired',
    'untrusted',
    (port) => breakOff(port, alert(EXPIRED)),
    'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED',
  ],
  ['speaks plain HTTP', 'not-tls', (port) => send(port, 'POST /validate HTTP/1.1\r\n\r\n'), 'ERR_SSL_HTTP_REQUEST'],
  [
    'speaks HTTP/2 without TLS',
    'not-tls',
    (port) => send(port, 'PRI * HTTP/2.0\r\n\r\n'),
    'ERR_SSL_WRONG_VERSION_NUMBER',
  ],
  [
    'has no cipher in common',
    'other',
    (port) => offer(port, { ciphers: 'AES128-GCM-SHA256', maxVersion: 'TLSv1.2' }),
    'ERR_SSL_NO_SHARED_CIPHER',
  ],
  [
    'finds something else wrong',
    'other',
    (port) => breakOff(port, alert(HANDSHAKE_FAILURE)),
    'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
  ],
  ['only looks whether the port is open', 'closed', (port) => send(port, ''), null],
  ['goes away in the middle', 'closed', (port) => breakOff(port, Buffer.alloc(0)), null],
];

const METRIC = 'packdown_tls_handshake_failures_total';
const once = (reason: HandshakeFailure) => ({ [`${METRIC}{reason="${reason}"}`]: 1 });

describe('a failed TLS handshake is counted', () => {
  for (const [title, reason, fail, code] of CASES) {
    it(`as ${reason}, and ${code === null ? 'not logged' : 'logged'}, when the caller ${title}`, async (t) => {
      const { port, seriesOf, logged } = await observedServer(t, { timeouts: PATIENT });
      fail(port);
      await until('it to be counted', async () => Object.keys(await seriesOf(METRIC)).length > 0);
      assert.deepEqual(await seriesOf(METRIC), once(reason));
      const line = { level: 40, reason, code, from: '127.0.0.1', times: 1, msg: 'TLS handshake failed' };
      assert.deepEqual(logged, code === null ? [] : [line]);
      assert.deepEqual(await seriesOf('packdown_refused_requests_total'), {});
    });
  }

  it('as timeout when the caller never begins with it', async (t) => {
    const { port, seriesOf, logged } = await observedServer(t, { timeouts: { ...PATIENT, handshakeTimeout: 20 } });
    connectPlainly(port, '127.0.0.1')
      .on('error', () => undefined)
      .resume();
    await until('it to be counted', async () => Object.keys(await seriesOf(METRIC)).length > 0);
    assert.deepEqual(await seriesOf(METRIC), once('timeout'));
    assert.deepEqual(
      logged.map(({ reason, code }) => [reason, code]),
      [['timeout', 'ERR_TLS_HANDSHAKE_TIMEOUT']],
    );
  });
});

describe('handshakes that fail again and again', () => {
  it('are all counted, and logged once a minute by what is wrong, with how many there were', async (t) => {
    const { observability, clock, logged, seriesOf } = await observedServer(t);
    const fail = (reason: HandshakeFailure) => observability.onHandshakeFailed(reason, 'X', '10.0.0.1');
    for (let second = 0; second < 150; second += 1) {
      fail('untrusted');
      if (second === 30) fail('not-tls');
      clock.time += 1000;
    }
    assert.deepEqual(await seriesOf(METRIC), {
      [`${METRIC}{reason="untrusted"}`]: 150,
      [`${METRIC}{reason="not-tls"}`]: 1,
    });
    assert.deepEqual(
      logged.map(({ reason, times }) => [reason, times]),
      [
        ['untrusted', 1],
        ['not-tls', 1],
        ['untrusted', 60],
        ['untrusted', 60],
      ],
    );
  });
});
