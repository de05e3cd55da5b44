import { type JsonObject, textOf } from '../../workloads/core/json.ts';
import type { Clock } from './clock.ts';
import type { KubeApi, Query } from './kube-api.ts';
import { isExpired } from './kube-errors.ts';
import { retrying } from './retry.ts';

const PAGE = { limit: '500' };
/** Milliseconds for which a page is asked for again: what it goes on from expires after some minutes. */
const PATIENCE = 60_000;

/** All objects of a resource, as far as `read` keeps them, at one moment. */
export interface Listed<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

/**
 * Lists a resource page by page. A later page that fails for now is asked for again, for hundreds may have come before
 * it; where what it goes on from has expired meanwhile, everything is listed in one answer, as client-go's pager does.
 * Throws ClusterUnreachable or ApiError.
 */
export async function listPages<T>(
  api: KubeApi,
  clock: Clock,
  path: string,
  selection: Query,
  read: (object: JsonObject) => T | undefined,
  signal: AbortSignal,
): Promise<Listed<T>> {
  const page = async (query: Query) => {
    const items: T[] = [];
    const take = (object: JsonObject) => {
      const item = read(object);
      if (item !== undefined) items.push(item);
    };
    const metadata = await api.list(path, { ...selection, ...query }, take, signal);
    return {
      items,
      resourceVersion: textOf(metadata.resourceVersion) ?? '0',
      next: textOf(metadata.continue) ?? '',
    };
  };
  const items: T[] = [];
  let latest = await page(PAGE);
  for (;;) {
    for (const item of latest.items) items.push(item);
    const { next, resourceVersion } = latest;
    if (next === '') return { items, resourceVersion };
    try {
      latest = await retrying(clock, () => page({ ...PAGE, continue: next }), clock.now() + PATIENCE, signal);
    } catch (error) {
      if (!isExpired(error)) throw error;
      return page({});
    }
  }
}
