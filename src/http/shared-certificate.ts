import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { CodedError, messageOf } from '../domain/coded-error.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { readCertificates, secureContextOptions, type TlsSettings } from './tls-settings.ts';

/**
 * One certificate for all replicas, PEM. `ca` holds its CA first, then the one before it, which others may still serve.
 */
export type SharedCertificate = Pick<Certificates, 'ca' | 'cert' | 'key'>;

/** Where replicas share a certificate, and who must trust it. */
export interface CertificateStore {
  /** What is stored, null where it is not whole; the version is for `write`. */
  read(signal: AbortSignal): Promise<{ readonly stored: SharedCertificate | null; readonly version: string }>;
  /**
   * Returns false, with nothing written, when somebody else has written since that version, or it is refused as it is.
   */
  write(next: SharedCertificate, version: string, signal: AbortSignal): Promise<boolean>;
  /** Makes the callers trust what these CAs have signed, and no others. */
  trust(ca: string, signal: AbortSignal): Promise<void>;
}

export interface SharingOptions {
  readonly store: CertificateStore;
  /** `NAME.NAMESPACE.svc`, which the certificate must be good for. */
  readonly service: string;
  use(tls: TlsSettings['tls']): void;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Milliseconds between looks: what another replica has renewed, or somebody has taken out of a webhook, is seen by
 * then.
 */
const CHECK = 30_000;
const RETRY = 2_000;
/** Milliseconds for an apiserver to hear whom it is to trust, before it meets the new certificate. */
const PROPAGATION = 5_000;
/** Of which each finds what somebody else has written in the meantime. */
const ATTEMPTS = 4;
/** The part of its lifetime that a certificate has left when it is renewed, as cert-manager has it. */
const RENEW_BEFORE = 1 / 3;

/**
 * Keeps a certificate that all replicas share: makes it where there is none, renews it in time, has the callers trust
 * it before it is served, and keeps the one before trusted until the next renewal.
 */
export function shareCertificate(options: SharingOptions): { isShared(): boolean; close(): Promise<void> } {
  const { store, use, log, delay } = options;
  const closing = new AbortController();
  let inUse: SharedCertificate | null = null;
  /** What was served before, for as long as another replica may still serve it. */
  let before: SharedCertificate | null = null;
  let known: string | null = null;

  async function look(): Promise<void> {
    const found = await storedOrRenewed(options, inUse, closing.signal);
    const isNew = !isDeepStrictEqual(found, inUse);
    // Somebody may have put another pair there: its CAs need not be those that are served by.
    await store.trust(withAuthorityOf(isNew ? inUse : before, found.ca), closing.signal);
    if (!isNew) {
      before = null;
      return;
    }
    if (inUse !== null) await delay(PROPAGATION, closing.signal);
    if (closing.signal.aborted) return;
    use({ cert: found.cert, key: found.key });
    before = inUse;
    inUse = found;
    log.info({ notAfter: readCertificates(found.cert)[0].validToDate }, 'the shared certificate is in use');
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await look();
        known = null;
        await delay(CHECK, closing.signal);
      } catch (error) {
        const problem = messageOf(error);
        if (problem !== known) log.warn({ problem }, 'the certificate cannot be shared; still trying');
        known = problem;
        await delay(RETRY, closing.signal);
      }
    }
  }

  const ended = run();
  return {
    isShared: () => inUse !== null,
    async close() {
      closing.abort();
      await ended;
    },
  };
}

/** Somebody else may renew it at the same moment: then theirs counts. Throws CodedError `Contended`. */
async function storedOrRenewed(
  { store, service, now }: SharingOptions,
  inUse: SharedCertificate | null,
  signal: AbortSignal,
): Promise<SharedCertificate> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { stored, version } = await store.read(signal);
    if (stored !== null && isGood(stored, service, now())) return stored;
    const made = await makeCertificates({ service, now: new Date(now()) });
    const before = inUse ?? stored;
    const next = { ca: `${made.ca}${before === null ? '' : newestCa(before)}`, cert: made.cert, key: made.key };
    if (await store.write(next, version, signal)) return next;
  }
  throw new CodedError(
    'Contended',
    'the Secret refuses the certificate, or others keep changing it; see whether it is immutable, and who else writes it',
  );
}

/** Whether it can be served, for this service, and has more than a third of its lifetime left. */
function isGood({ ca, cert, key }: SharedCertificate, service: string, now: number): boolean {
  try {
    secureContextOptions({ tls: { cert, key }, clientCa: null });
    const [leaf] = readCertificates(cert);
    const [from, to] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
    // A replica whose clock was ahead may have made it: nobody trusts it yet.
    const isFresh = from <= now && to - now > RENEW_BEFORE * (to - from);
    return isFresh && leaf.checkHost(service) !== undefined && leaf.checkIssued(readCertificates(ca)[0]);
  } catch {
    return false;
  }
}

/** A bundle with the first CA of a certificate's as well, unless that is in it. */
function withAuthorityOf(certificate: SharedCertificate | null, ca: string): string {
  const own = certificate === null ? '' : newestCa(certificate);
  const isIn = own === '' || readCertificates(ca).some((known) => known.toString() === own);
  return isIn ? ca : `${ca.trimEnd()}\n${own}`;
}

/** The first CA of a bundle, empty where it is none. */
function newestCa({ ca }: SharedCertificate): string {
  try {
    return readCertificates(ca)[0].toString();
  } catch {
    return '';
  }
}
