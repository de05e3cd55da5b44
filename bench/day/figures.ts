import { holding, type PodLife } from '../../test/e2e/day/pod-lives.ts';

export const DAY_MINUTES = 24 * 60;
const GPUS_PER_NODE = 8;
const SAMPLE_MINUTES = 10;
/** `--scale-down-unneeded-time` of Cluster Autoscaler, its default. */
const UNNEEDED_MINUTES = 10;

/** A day of a fleet, in hours of the day. */
export interface Figures {
  /** Nodes without a pod, summed over the day. */
  readonly freeNodeHours: number;
  /**
   * The same without the first ten minutes of every time that a node was free: what Cluster Autoscaler can do without.
   */
  readonly removableNodeHours: number;
  /** Nodes without a pod, if the same pods could be packed at will. */
  readonly perfectNodeHours: number;
  /** GPUs that pods held, summed over the day. */
  readonly gpuHours: number;
  /** Every ten minutes, from 0:00 to 24:00. */
  readonly free: readonly number[];
  readonly perfect: readonly number[];
}

/** `began` is midnight and `length` the day, both in milliseconds. */
export function figuresOf(lives: readonly PodLife[], nodes: number, began: number, length: number): Figures {
  const timeAt = (minute: number) => began + (minute / DAY_MINUTES) * length;
  const at = (minute: number) => {
    const pods = holding(lives, timeAt(minute));
    const gpus = pods.reduce((sum, pod) => sum + pod.gpus, 0);
    return { free: nodes - new Set(pods.map(({ node }) => node)).size, gpus };
  };
  const samples = Array.from({ length: DAY_MINUTES / SAMPLE_MINUTES + 1 }, (_, index) => at(index * SAMPLE_MINUTES));
  const perfectOf = (gpus: number) => nodes - Math.ceil(gpus / GPUS_PER_NODE);
  // Every minute, so that what is between the samples counts.
  const minutes = Array.from({ length: DAY_MINUTES }, (_, minute) => at(minute));
  const hours = (of: (minute: (typeof minutes)[number]) => number) =>
    minutes.reduce((sum, minute) => sum + of(minute), 0) / 60;

  const toHours = (milliseconds: number) => (milliseconds / length) * 24;
  const byNode = Map.groupBy(lives, ({ node }) => node);
  byNode.delete(null);
  const stretches = [...byNode.values()].flatMap((pods) => freeStretches(pods, began, began + length));
  const neverUsed = Array.from({ length: nodes - byNode.size }, () => length);
  const free = [...stretches, ...neverUsed].map(toHours);
  return {
    freeNodeHours: sumOf(free),
    removableNodeHours: sumOf(free.map((stretch) => Math.max(0, stretch - UNNEEDED_MINUTES / 60))),
    perfectNodeHours: hours(({ gpus }) => perfectOf(gpus)),
    gpuHours: hours(({ gpus }) => gpus),
    free: samples.map(({ free }) => free),
    perfect: samples.map(({ gpus }) => perfectOf(gpus)),
  };
}

/** For how long at a time a node with these pods was free, in milliseconds. */
function freeStretches(pods: readonly PodLife[], from: number, to: number): readonly number[] {
  const stretches: number[] = [];
  let freeSince = from;
  for (const { boundAt, goneAt } of [...pods].sort((a, b) => (a.boundAt ?? 0) - (b.boundAt ?? 0))) {
    if (boundAt !== null && boundAt > freeSince) stretches.push(Math.min(boundAt, to) - freeSince);
    freeSince = Math.max(freeSince, Math.min(goneAt ?? to, to));
    if (freeSince >= to) return stretches;
  }
  return [...stretches, to - freeSince];
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
