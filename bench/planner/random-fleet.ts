import type { ConsolidationProblem, Member } from '../../src/domain/planner/problem.ts';
import { Random } from '../../src/domain/planner/random.ts';
import { SHAPES, type Shape } from './shapes.ts';

export type Placement = 'spread' | 'binpacked';

const USED = 0.85;
const REMOVED = 0.3;
const REPLICAS = { least: 4, most: 20 };

/** A problem, and what only the rules it is compared with look at. */
export interface Fleet {
  readonly problem: ConsolidationProblem;
  /** Per member, the node of every pod (a node may come twice). */
  readonly podNodes: readonly (readonly number[])[];
  /** Per member, the GPUs of every pod. */
  readonly podGpus: readonly (readonly number[])[];
}

/**
 * Fills nodes of the given numbers of GPUs to 85 % with synthetic groups that arrive in random order, each pod on the
 * emptiest node (spread) or the fullest (binpacked) that has room, and asks every workload to remove 30 % of its
 * groups.
 */
export function randomFleet(
  gpus: readonly number[],
  placement: Placement,
  seed: number,
  nodeValue: (gpus: number) => number,
): Fleet {
  const random = new Random(seed);
  const arrivals = shuffle(workloads(gpus, random), random);
  const used = gpus.map(() => 0);
  const placed: { pool: number; nodes: number[]; gpus: readonly number[] }[] = [];
  for (const { pool, shape } of arrivals) {
    const nodes = placeGroup(shape, gpus, used, placement, random);
    if (nodes !== undefined) placed.push({ pool, nodes, gpus: shape.pods });
  }

  const sizes: number[] = [];
  const members = placed.map(({ pool, nodes }): Member => {
    const ordinal = sizes[pool] ?? 0;
    sizes[pool] = ordinal + 1;
    return { pool, nodes: [...new Set(nodes)], keep: 0, ordinal };
  });
  const budgets = Array.from(sizes, (size) => Math.round((size ?? 0) * REMOVED));
  return {
    problem: { nodeValues: gpus.map(nodeValue), members, budgets },
    podNodes: placed.map(({ nodes }) => nodes),
    podGpus: placed.map((group) => group.gpus),
  };
}

/** Groups of workloads that together ask for 85 % of all GPUs; every workload is of one shape. */
function workloads(gpus: readonly number[], random: Random): { pool: number; shape: Shape }[] {
  const largest = Math.max(...gpus);
  const shapes = SHAPES.filter(({ pods }) => Math.max(...pods) <= largest);
  let left = gpus.reduce((sum, count) => sum + count, 0) * USED;
  const groups: { pool: number; shape: Shape }[] = [];
  for (let pool = 0; left > 0; pool += 1) {
    const shape = drawShape(shapes, random);
    const size = shape.pods.reduce((sum, count) => sum + count, 0);
    const replicas = REPLICAS.least + Math.floor(random.next() ** 2 * (REPLICAS.most - REPLICAS.least + 1));
    for (let group = 0; group < replicas && left > 0; group += 1, left -= size) groups.push({ pool, shape });
  }
  return groups;
}

function drawShape(shapes: readonly Shape[], random: Random): Shape {
  let draw = random.next() * shapes.reduce((sum, { share }) => sum + share, 0);
  for (const shape of shapes) {
    draw -= shape.share;
    if (draw < 0) return shape;
  }
  throw new RangeError('no shape fits these nodes');
}

function placeGroup(
  shape: Shape,
  gpus: readonly number[],
  used: number[],
  placement: Placement,
  random: Random,
): number[] | undefined {
  const nodes: number[] = [];
  for (const size of shape.pods) {
    const node = placePod(size, gpus, used, placement, random);
    if (node === undefined) {
      for (const [index, taken] of nodes.entries()) used[taken] = (used[taken] ?? 0) - (shape.pods[index] ?? 0);
      return undefined;
    }
    used[node] = (used[node] ?? 0) + size;
    nodes.push(node);
  }
  return nodes;
}

/** The emptiest or fullest node with room, by the share of its GPUs; one of the equally good at random. */
function placePod(
  size: number,
  gpus: readonly number[],
  used: readonly number[],
  placement: Placement,
  random: Random,
): number | undefined {
  let best: number | undefined;
  let bestFill = 0;
  let ties = 0;
  for (const [node, capacity] of gpus.entries()) {
    const load = used[node] ?? 0;
    if (load + size > capacity) continue;
    const fill = placement === 'binpacked' ? load / capacity : -load / capacity;
    if (best === undefined || fill > bestFill) {
      best = node;
      bestFill = fill;
      ties = 1;
    } else if (fill === bestFill) {
      ties += 1;
      if (random.next() * ties < 1) best = node;
    }
  }
  return best;
}

export function shuffle<T>(items: T[], random: Random): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    const [a, b] = [items[last], items[other]];
    if (a !== undefined && b !== undefined) [items[last], items[other]] = [b, a];
  }
  return items;
}

/** The numbers of pools, in a random order. */
export function shuffled(count: number, random: Random): readonly number[] {
  const keyed = Array.from({ length: count }, (_, pool) => ({ pool, key: random.next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ pool }) => pool);
}
