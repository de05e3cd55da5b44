import type { Cluster } from '../control-plane/cluster.ts';

/** A pod from its creation until it is gone; times in milliseconds since the epoch, null for what has not happened. */
export interface PodLife {
  readonly uid: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly gpus: number;
  readonly bornAt: number;
  node: string | null;
  boundAt: number | null;
  goneAt: number | null;
}

interface Pod {
  metadata: { uid: string; name: string; labels?: Record<string, string>; resourceVersion: string };
  spec: { nodeName?: string; containers: { resources?: { limits?: Record<string, string> } }[] };
}

export interface PodLives {
  /** Of every pod of namespace default so far. Throws if they could not be watched all the while. */
  all(): readonly PodLife[];
  stop(): Promise<void>;
}

/** Watches the pods of namespace default. Start it before there are any. */
export async function recordPodLives({ api }: Cluster): Promise<PodLives> {
  const lives = new Map<string, PodLife>();
  const stopping = new AbortController();
  const path = '/api/v1/namespaces/default/pods';
  const { metadata } = await api.get<{ metadata: { resourceVersion: string } }>(path);
  async function watch(): Promise<void> {
    let from = metadata.resourceVersion;
    while (!stopping.signal.aborted) {
      const query = new URLSearchParams({ watch: 'true', resourceVersion: from, allowWatchBookmarks: 'true' });
      for await (const { type, object } of api.watch<Pod>(`${path}?${query}`, stopping.signal)) {
        if (type === 'ERROR') throw new Error(`the watch of pods ended: ${JSON.stringify(object)}`);
        from = object.metadata.resourceVersion;
        if (type === 'BOOKMARK') continue;
        const life = lives.get(object.metadata.uid) ?? born(object);
        lives.set(life.uid, life);
        if (life.node === null && object.spec.nodeName !== undefined) {
          life.node = object.spec.nodeName;
          life.boundAt = Date.now();
        }
        if (type === 'DELETED') life.goneAt = Date.now();
      }
    }
  }
  let problem: unknown = null;
  const watching = watch().catch((error: unknown) => {
    if (!stopping.signal.aborted) problem = error;
  });
  return {
    all: () => {
      if (problem !== null) throw problem;
      return [...lives.values()];
    },
    stop: () => {
      stopping.abort();
      return watching;
    },
  };
}

function born({ metadata: { uid, name, labels = {} }, spec }: Pod): PodLife {
  const gpus = spec.containers.reduce(
    (sum, { resources }) => sum + Number(resources?.limits?.['nvidia.com/gpu'] ?? 0),
    0,
  );
  return { uid, name, labels, gpus, bornAt: Date.now(), node: null, boundAt: null, goneAt: null };
}

/** The pods that hold room on a node at that time. */
export function holding(lives: readonly PodLife[], time: number): readonly PodLife[] {
  return lives.filter(
    ({ boundAt, goneAt }) => boundAt !== null && boundAt <= time && (goneAt === null || goneAt > time),
  );
}
