import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../control-plane/api-client.ts';
import type { Cluster } from '../control-plane/cluster.ts';
import type { PodList } from '../pods.ts';
import type { Draw } from './random.ts';

const TICK = 20;
/**
 * So many requests are under way at the most: what a slow moment has left is made up for without flooding the
 * apiserver.
 */
const IN_FLIGHT = 8;

export interface PodTraffic {
  /** Ends it; resolves with the updates a second that there were, after the last has been answered. */
  end(): Promise<number>;
}

/** Updates an annotation that means nothing on random pods of these namespaces, so many times a second. */
export function startPodTraffic(
  { api }: Cluster,
  { namespaces, rate, draw }: { namespaces: string[]; rate: number; draw: Draw },
): PodTraffic {
  const ending = new AbortController();
  const underWay = new Set<Promise<void>>();
  const began = performance.now();
  let sent = 0;
  let updated = 0;
  let pods: string[] = [];

  async function update(path: string): Promise<void> {
    try {
      await api.patch(path, { metadata: { annotations: { 'e2e.packdown.io/traffic': String(sent) } } }, 'merge');
      updated += 1;
    } catch (error) {
      // It is gone meanwhile, or changes all the time.
      if (!(error instanceof ApiError && (error.status === 404 || error.status === 409))) throw error;
    }
  }

  async function look(): Promise<void> {
    const lists = await Promise.all(
      namespaces.map((namespace) => api.get<PodList>(`/api/v1/namespaces/${namespace}/pods`)),
    );
    pods = lists
      .flatMap(({ items }) => items)
      .map(({ metadata: { namespace, name } }) => `/api/v1/namespaces/${namespace}/pods/${name}`);
  }

  async function run(): Promise<void> {
    let looking: Promise<void> = look();
    await looking;
    for (let tick = 0; !ending.signal.aborted; tick += 1) {
      if (tick % (1000 / TICK) === 0) {
        await looking;
        looking = look();
      }
      // What is due since the start: a slow moment is made up for.
      const due = ((performance.now() - began) / 1000) * rate - updated;
      while (underWay.size < Math.min(due, IN_FLIGHT)) {
        const path = pods[draw(0, pods.length - 1)];
        if (path === undefined) break;
        sent += 1;
        const request = update(path).finally(() => underWay.delete(request));
        underWay.add(request);
      }
      await delay(TICK, undefined, { signal: ending.signal }).catch(() => undefined);
    }
    await Promise.all([looking, ...underWay]);
  }

  const running = run();
  return {
    end: async () => {
      ending.abort();
      await running;
      return updated / ((performance.now() - began) / 1000);
    },
  };
}
