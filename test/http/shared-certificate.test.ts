import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { makeCertificates } from '../../src/http/certificates.ts';
import { type CertificateStore, type SharedCertificate, shareCertificate } from '../../src/http/shared-certificate.ts';
import { readCertificates, type TlsSettings } from '../../src/http/tls-settings.ts';

const SERVICE = 'packdown.packdown-system.svc';
const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.parse('2026-01-31T12:00:00Z');

/** A Secret and its callers in memory, with what happened to them in order. */
class Store implements CertificateStore {
  stored: SharedCertificate | null = null;
  version = 1;
  trusted = '';
  readonly events: string[] = [];
  /** Called once, just before the next write. */
  beforeWrite: (() => void) | null = null;
  failing = false;

  async read(_signal?: AbortSignal) {
    if (this.failing) throw new Error('the API is away');
    return { stored: this.stored, version: `${this.version}` };
  }

  async write(next: SharedCertificate, version: string) {
    this.beforeWrite?.();
    this.beforeWrite = null;
    if (version !== `${this.version}`) return false;
    this.put(next);
    this.events.push('written');
    return true;
  }

  async trust(ca: string) {
    if (ca !== this.trusted) this.events.push('trusted');
    this.trusted = ca;
  }

  put(next: SharedCertificate | null) {
    this.stored = next;
    this.version += 1;
  }
}

/** A replica whose time the test moves: every delay ends when `pass` is called. */
function replica(t: TestContext, store: Store, start = NOW) {
  const used: TlsSettings['tls'][] = [];
  const lines: string[] = [];
  let now = start;
  let wake = Promise.withResolvers<void>();
  let asleep = Promise.withResolvers<number>();
  const sharing = shareCertificate({
    store,
    service: SERVICE,
    use(tls) {
      store.events.push('used');
      used.push(tls);
    },
    log: pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }),
    now: () => now,
    delay: async (milliseconds, signal) => {
      if (signal.aborted) return;
      asleep.resolve(milliseconds);
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await Promise.race([wake.promise, aborted]);
      wake = Promise.withResolvers();
    },
  });
  t.after(() => sharing.close());
  return {
    used,
    lines,
    sharing,
    /** Resolves with the length of the delay that it then waits for. */
    resting: () => asleep.promise,
    async pass(milliseconds = 0) {
      now += milliseconds;
      asleep = Promise.withResolvers();
      wake.resolve();
      return asleep.promise;
    },
  };
}

const authoritiesOf = (pem: string) => readCertificates(pem).map(({ fingerprint256 }) => fingerprint256);

const pair = await makeCertificates({ service: SERVICE, now: new Date(NOW) });
const stranger = await makeCertificates({ service: SERVICE, now: new Date(NOW) });

it('an empty store gets a certificate that callers trust before it is used', async (t) => {
  const store = new Store();
  const { used, sharing, resting } = replica(t, store);
  assert.equal(sharing.isShared(), false);
  await resting();
  assert.deepEqual(store.events, ['written', 'trusted', 'used']);
  assert.equal(sharing.isShared(), true);
  const leaf = new X509Certificate(used[0]?.cert ?? '');
  assert.equal(leaf.checkHost(SERVICE), SERVICE);
  assert.ok(leaf.checkIssued(new X509Certificate(store.trusted)));
});

it('a good certificate is used as it is, and nothing is written', async (t) => {
  const store = new Store();
  store.stored = await makeCertificates({ service: SERVICE, now: new Date(NOW) });
  const { used, resting, pass } = replica(t, store);
  await resting();
  await pass();
  assert.deepEqual(store.events, ['trusted', 'used']);
  assert.equal(used[0]?.cert, store.stored.cert);
});

it('two replicas that start at once end up with one certificate', async (t) => {
  const store = new Store();
  const other = await makeCertificates({ service: SERVICE, now: new Date(NOW) });
  store.beforeWrite = () => store.put(other);
  const { used, resting } = replica(t, store);
  await resting();
  assert.deepEqual(
    used.map(({ cert }) => cert),
    [other.cert],
  );
  assert.deepEqual(store.events, ['trusted', 'used']);
});

it('a certificate is renewed when a third of its year is left, and not a day sooner', async (t) => {
  const store = new Store();
  const { used, resting, pass } = replica(t, store);
  await resting();
  const first = store.stored;
  await pass(243 * DAY);
  assert.equal(store.stored, first);
  await pass(DAY);
  assert.notEqual(store.stored, first);
  assert.equal(used.length, 1, 'the new one waits until callers have heard whom to trust');
  await pass();
  assert.equal(used.length, 2);
  assert.equal(used[1]?.cert, store.stored?.cert);
});

it('while a renewal is under way callers trust both the new CA and the one before', async (t) => {
  const store = new Store();
  const { resting, pass } = replica(t, store);
  await resting();
  const [first] = authoritiesOf(store.trusted);
  await pass(244 * DAY);
  await pass();
  const [second, before, ...others] = authoritiesOf(store.trusted);
  assert.equal(before, first);
  assert.deepEqual(others, []);
  await pass(244 * DAY);
  await pass();
  assert.equal(authoritiesOf(store.trusted)[1], second, 'the next renewal keeps the one before only');
  assert.equal(authoritiesOf(store.trusted).length, 2);
});

it('another pair that somebody puts into the store is used once callers trust it, beside what is served till then', async (t) => {
  const store = new Store();
  const { resting, pass, used } = replica(t, store);
  await resting();
  const [first] = authoritiesOf(store.trusted);
  const restored = await makeCertificates({ service: SERVICE, now: new Date(NOW) });
  const [given] = authoritiesOf(restored.ca);
  store.put(restored);
  await pass();
  assert.deepEqual([authoritiesOf(store.trusted), used.length], [[given, first], 1]);
  await pass();
  assert.deepEqual(
    [authoritiesOf(store.trusted), used.length],
    [[given, first], 2],
    'another replica may serve it still',
  );
  await pass();
  assert.deepEqual(authoritiesOf(store.trusted), [given, first], 'until it has looked as well');
  await pass();
  assert.deepEqual(authoritiesOf(store.trusted), [given]);
});

it('the CA of what is served is kept by a renewal, whatever the store held', async (t) => {
  const store = new Store();
  const { resting, pass } = replica(t, store);
  await resting();
  const [first] = authoritiesOf(store.trusted);
  store.put({ ...stranger, cert: pair.cert });
  await pass();
  assert.equal(authoritiesOf(store.trusted)[1], first);
});

it('a shutdown waits for no store that does not answer', async (t) => {
  const store = new Store();
  const { resting, pass, sharing } = replica(t, store);
  await resting();
  store.read = (signal?: AbortSignal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  void pass();
  await new Promise(setImmediate);
  await sharing.close();
});

it('a store that was emptied gets a new certificate, and the one in use stays trusted', async (t) => {
  const store = new Store();
  const { resting, pass, used } = replica(t, store);
  await resting();
  const [first] = authoritiesOf(store.trusted);
  store.put(null);
  await pass();
  await pass();
  assert.equal(authoritiesOf(store.trusted)[1], first);
  assert.equal(used.length, 2);
});

const elsewhere = await makeCertificates({ service: 'other.default.svc', now: new Date(NOW) });
const tomorrow = await makeCertificates({ service: SERVICE, now: new Date(NOW + 86_400_000) });
const bad: readonly [what: string, stored: SharedCertificate][] = [
  ['is no PEM', { ca: 'x', cert: 'y', key: 'z' }],
  ['is empty', { ca: '', cert: '', key: '' }],
  ['has the key of another certificate', { ...pair, key: stranger.key }],
  ['has the CA of another certificate', { ...pair, ca: stranger.ca }],
  ['is good for another service', elsewhere],
  ['is not valid yet, for a clock was ahead', tomorrow],
  ['is cut off', { ...pair, cert: pair.cert.slice(0, 200) }],
];
for (const [what, stored] of bad) {
  it(`a stored certificate that ${what} is replaced`, async (t) => {
    const store = new Store();
    store.stored = stored;
    const { resting, used } = replica(t, store);
    await resting();
    assert.deepEqual(store.events, ['written', 'trusted', 'used']);
    assert.notEqual(used[0]?.cert, stored.cert);
  });
}

it('a store that takes nothing, though nobody else writes, is told of and not stormed', async (t) => {
  const store = new Store();
  let writes = 0;
  store.write = async () => {
    writes += 1;
    if (writes > 10) throw new Error('enough');
    return false;
  };
  const { resting, lines, sharing } = replica(t, store);
  assert.equal(await resting(), 2000);
  assert.equal(sharing.isShared(), false);
  assert.match(lines.join(), /refuses the certificate/);
});

it('a store that cannot be reached is tried again soon, and said once', async (t) => {
  const store = new Store();
  store.failing = true;
  const { resting, pass, lines, sharing } = replica(t, store);
  assert.equal(await resting(), 2000);
  await pass();
  assert.equal(sharing.isShared(), false);
  store.failing = false;
  await pass();
  assert.equal(sharing.isShared(), true);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /the API is away/);
});
