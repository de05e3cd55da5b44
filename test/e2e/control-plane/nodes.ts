import type { Cluster } from './cluster.ts';
import { inLanes } from './lanes.ts';
import { until } from './wait.ts';

const LANES = 16;

/** What a test node offers: 64 CPUs, 512Gi of memory and 110 pods; as many GPUs as asked for. */
export interface NodeShape {
  /** `nvidia.com/gpu`; 0 for a node without. Default 8. */
  gpus?: number;
  labels?: Record<string, string>;
  /** Nodes are named `<prefix>-0`, `<prefix>-1`, … Default `node`. */
  prefix?: string;
}

/** Creates n nodes, waits until kwok has made them Ready, and returns their names. */
export async function createNodes(
  { api }: Cluster,
  n: number,
  { gpus = 8, labels = {}, prefix = 'node' }: NodeShape = {},
): Promise<string[]> {
  const names = Array.from({ length: n }, (_, index) => `${prefix}-${index}`);
  const capacity = { cpu: '64', memory: '512Gi', pods: '110', ...(gpus > 0 && { 'nvidia.com/gpu': String(gpus) }) };
  await inLanes(LANES, names, (name) =>
    api.create('/api/v1/nodes', {
      metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
      status: { capacity },
    }),
  );
  const isReady = ({ status }: Node) =>
    status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  const waitsFor = new Set(names);
  await until(
    `${n} nodes to be Ready`,
    async () => {
      const { items } = await api.get<{ items: Node[] }>('/api/v1/nodes');
      for (const node of items.filter(isReady)) waitsFor.delete(node.metadata.name);
      return waitsFor.size === 0;
    },
    { timeout: 120_000, interval: Math.max(100, n) },
  );
  return names;
}

interface Node {
  metadata: { name: string };
  status: { conditions?: { type: string; status: string }[] };
}
