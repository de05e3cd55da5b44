import type { Finding } from '../domain/ordering/verdict.ts';
import type { JsonPatch } from '../workloads/core/json-patch.ts';
import type { AdmissionReview } from './review.ts';

/**
 * What an admission handler decides: what a constructor below makes, with `audit`, `findings` and `doubt` where there
 * are some.
 */
export interface Decision {
  readonly allowed: boolean;
  readonly message: string | null;
  readonly warnings: readonly string[];
  /** What goes into the audit log of the apiserver. */
  readonly audit: Readonly<Record<string, string>>;
  readonly patch: JsonPatch;
  /** What the ordering rules found, be it refused or not. */
  readonly findings: readonly Finding[];
  /** Why this may not be what a whole look would have led to; null when it is. */
  readonly doubt: 'unjudged' | 'stale' | null;
}

const NOTHING_ELSE = { message: null, warnings: [], audit: {}, patch: [], findings: [], doubt: null } as const;

/** The change may be made. */
export function allowed(warnings: readonly string[] = []): Decision {
  return { ...NOTHING_ELSE, allowed: true, warnings };
}

/** `message` is what kubectl prints after "denied the request:". */
export function denied(message: string, warnings: readonly string[] = []): Decision {
  return { ...NOTHING_ELSE, allowed: false, message, warnings };
}

/** The object may be written with this change to it. */
export function patched(patch: JsonPatch): Decision {
  return { ...NOTHING_ELSE, allowed: true, patch };
}

/** kube-apiserver keeps 4,096 runes of warnings in all, and drops one that holds control characters. */
const WARNINGS_LENGTH = 4096;
/** So that one long warning leaves room for others. */
const WARNING_LENGTH = 1024;
/** Runes of a refusal: nobody reads more, and an object can be made to break a rule at ten thousand places. */
const MESSAGE_LENGTH = 4096;

/**
 * The AdmissionReview that answers `review`, in its apiVersion and with its uid. A refusal is a 403 with reason
 * Forbidden: HPA retries a Conflict at once.
 */
export function answer(review: AdmissionReview, decision: Decision): object {
  const { message, patch, audit } = decision;
  const warnings = sendableWarnings(decision.warnings);
  return {
    kind: 'AdmissionReview',
    apiVersion: review.apiVersion,
    response: {
      uid: review.request.uid,
      allowed: decision.allowed,
      ...(message !== null && { status: { code: 403, reason: 'Forbidden', message: cut(message, MESSAGE_LENGTH) } }),
      ...(patch.length > 0 && { patchType: 'JSONPatch', patch: toBase64(patch) }),
      ...(Object.keys(audit).length > 0 && { auditAnnotations: audit }),
      ...(warnings.length > 0 && { warnings }),
    },
  };
}

function sendableWarnings(warnings: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let room = WARNINGS_LENGTH;
  for (const warning of warnings) {
    const sendable = cut(warning.replace(/\p{Cc}+/gu, ' '), WARNING_LENGTH);
    // A shorter one may fit still.
    if (sendable.length > room) continue;
    room -= sendable.length;
    kept.push(sendable);
  }
  return kept;
}

/** To so many runes at the most. */
function cut(text: string, length: number): string {
  // No text has more runes than it has characters here, nor fewer than half as many.
  if (text.length <= length) return text;
  const runes = [...text.slice(0, 2 * length + 2)];
  return runes.length <= length ? text : `${runes.slice(0, length - 1).join('')}…`;
}

function toBase64(patch: JsonPatch): string {
  return Buffer.from(JSON.stringify(patch)).toString('base64');
}
