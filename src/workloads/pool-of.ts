import type { Candidate, Consumer, Pool, ScaleRequest } from '../domain/victims/pool.ts';

const NONE_RELATED: Pool['related'] = new Map();

/**
 * What a controller chooses among on a request, where no partition protects any of it and nothing besides has a say.
 * `now` is milliseconds since the epoch.
 */
export function poolOf(request: ScaleRequest, consumer: Consumer, candidates: readonly Candidate[], now: number): Pool {
  return {
    request,
    consumer,
    candidates,
    before: request.from,
    wanted: request.to,
    partition: 0,
    partitionBefore: 0,
    frozen: false,
    related: NONE_RELATED,
    now,
  };
}
