import type { Logger } from 'pino';
import { ONCE_A_MINUTE, RateLimit } from '../domain/rate-limit.ts';
import type { HandshakeFailure, OnHandshakeFailed } from '../http/handshake-failure.ts';
import type { Metrics } from './metrics.ts';

/**
 * Counts handshakes that fail, and logs the first of a minute of each kind with how many there were since the last
 * line: an apiserver that does not trust packdown tries anew for every review.
 */
export function handshakeObserver(metrics: Metrics, log: Logger, now: () => number): OnHandshakeFailed {
  const limit = new RateLimit(ONCE_A_MINUTE);
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
