import { CodedError } from '../../domain/coded-error.ts';
import { objectAt, textOf } from '../../workloads/core/json.ts';

/** The apiserver gave no answer, so nobody knows what became of the request. Commands exit 3 on it. */
export class ClusterUnreachable extends CodedError {
  /** `server` is an origin without credentials. */
  constructor(server: string, reason: string) {
    super(
      'ClusterUnreachable',
      `cannot reach the Kubernetes API at ${server}: ${reason}; check the kubeconfig and the network to the server`,
    );
    this.name = 'ClusterUnreachable';
  }
}

/** A watch that is open, and over which not even a bookmark came. */
export class QuietWatch extends ClusterUnreachable {
  constructor(server: string) {
    super(server, 'a watch has gone quiet: not even a bookmark came');
    this.name = 'QuietWatch';
  }
}

/** The apiserver's answer with a status of 400 or more, or an ERROR event of a watch. */
export class ApiError extends CodedError {
  readonly status: number;
  /** Kubernetes' word for it, e.g. `NotFound` or `Expired`; empty when the answer was no Status. */
  readonly reason: string;
  /** Milliseconds that the server asks to wait, null when it does not say. */
  readonly retryAfter: number | null;

  constructor(request: string, status: number, reason: string, message: string, retryAfter: number | null) {
    const answer = [String(status), reason].filter((part) => part !== '').join(' ');
    super('ApiError', `the Kubernetes API answered ${request} with ${answer}${message === '' ? '' : `: ${message}`}`);
    this.name = 'ApiError';
    this.status = status;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

/**
 * The error that an answer tells of; `status` is its body, a Kubernetes Status when all is well, and `retryAfter` the
 * header's value.
 */
export function statusError(request: string, code: number, status: unknown, retryAfter: unknown): ApiError {
  const { reason, message } = objectAt(status);
  const seconds = typeof retryAfter === 'string' && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  return new ApiError(
    request,
    code,
    textOf(reason) ?? '',
    textOf(message) ?? '',
    seconds === null ? null : seconds * 1000,
  );
}

/**
 * Whether the same request may succeed later with nobody changing anything: overload, a failing server, a lost
 * connection.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof ClusterUnreachable) return true;
  return error instanceof ApiError && (error.status === 429 || error.status >= 500);
}

/**
 * Whether the object may not be as the request took it to be: a conflict, or a test of a patch that failed, which is
 * answered 422 as what a policy denies is.
 */
export function mayHaveChanged(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 409 || error.status === 422);
}

/** What a watch or the next page would go on from is too old for the apiserver. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

/** Nobody answered, or not now for too many ask: it says nothing of the request. */
export function isOverloadedOrAway(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 429;
  return error instanceof ClusterUnreachable && !(error instanceof QuietWatch);
}

/** There is no such object, or no such resource. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** What was asked for; null where there is no such object, or no such resource. */
export async function unlessNotFound<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** Somebody else has changed or created the object in the meantime. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}
