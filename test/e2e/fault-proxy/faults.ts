import { setTimeout as delay } from 'node:timers/promises';
import type { Draw } from '../steering/random.ts';

/** A request to the apiserver. */
export interface Asked {
  method: string;
  /** With its query. */
  path: string;
  isWatch: boolean;
}

/** What befalls a request. */
export type Fault =
  /** It is answered with this status instead; `retryAfter` is in seconds. */
  | { kind: 'refused'; status: 429 | 500 | 503; retryAfter?: number }
  /** Its connection is reset before the apiserver hears of it. */
  | { kind: 'reset' }
  /** It is carried out, but its connection is reset before the answer comes. */
  | { kind: 'unanswered' }
  /** It is passed on later, if the client is still there then. */
  | { kind: 'held'; until: Promise<unknown> };

/** Decides on each request, in the order in which they come; null passes it on as it is. */
export type FaultRule = (asked: Asked) => Fault | null;

export function isPodPatch({ method, path }: Asked): boolean {
  return method === 'PATCH' && path.includes('/pods/');
}

/** Bad weather: of ten requests, one is refused with 429, one with 500, one reset, one unanswered and one late. */
export function storm(draw: Draw): FaultRule {
  return () => {
    switch (draw(1, 10)) {
      case 1:
        return { kind: 'refused', status: 429, retryAfter: 1 };
      case 2:
        return { kind: 'refused', status: 500 };
      case 3:
        return { kind: 'reset' };
      case 4:
        return { kind: 'unanswered' };
      case 5:
        return { kind: 'held', until: delay(draw(50, 500)) };
      default:
        return null;
    }
  };
}
