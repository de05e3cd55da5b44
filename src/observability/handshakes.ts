import type { Logger } from 'pino';
import { type Rate, RateLimit } from '../domain/rate-limit.ts';
import type { HandshakeFailure, OnHandshakeFailed } from '../http/handshake-failure.ts';
import type { Metrics } from './metrics.ts';

/** Lines about one kind of failure: an apiserver that does not trust packdown tries anew for every review. */
const LINES: Rate = { atOnce: 1, oneMoreEvery: 60_000 };

/**
 * Counts handshakes that fail, and logs the first of a minute of each kind with how many there were since the last
 * line.
 */
export function handshakeObserver(metrics: Metrics, log: Logger, now: () => number): OnHandshakeFailed {
  const limit = new RateLimit(LINES);
  const unsaid = new Map<HandshakeFailure, number>();
  return (reason, code, from) => {
    metrics.handshakeFailures.inc({ reason });
    // Whoever only looks whether the port is open means nothing by it.
    if (reason === 'closed') return;
    const times = (unsaid.get(reason) ?? 0) + 1;
    const isSaid = limit.take(reason, now());
    unsaid.set(reason, isSaid ? 0 : times);
    if (isSaid) log.warn({ reason, code, from, times }, 'TLS handshake failed');
  };
}
