import type { Fleet } from './random-fleet.ts';

interface Group {
  readonly pool: number;
  readonly nodes: readonly number[];
  readonly gpus: readonly number[];
  readonly ordinal: number;
}

/** Where new pods go: as packdown's scheduler places them, or as kube-scheduler does by default. */
export type Growth = 'packed' | 'least allocated';

const GPUS_PER_NODE = 8;

/** A fleet whose workloads grow and shrink. */
export class DayFleet {
  private groups: Group[];
  private readonly used: number[];
  private readonly shapes: readonly (readonly number[])[];
  private readonly pools: number;
  private readonly growth: Growth;

  constructor({ problem, podNodes, podGpus }: Fleet, size: number, growth: Growth) {
    this.growth = growth;
    this.pools = problem.budgets.length;
    this.groups = problem.members.map(({ pool, ordinal }, member) => ({
      pool,
      ordinal,
      nodes: podNodes[member] ?? [],
      gpus: podGpus[member] ?? [],
    }));
    this.shapes = problem.budgets.map((_, pool) => this.groups.find((group) => group.pool === pool)?.gpus ?? []);
    this.used = Array.from({ length: size }, () => 0);
    for (const group of this.groups) this.take(group, 1);
  }

  /** How many groups each workload has. */
  sizes(): readonly number[] {
    const counts = Array.from({ length: this.pools }, () => 0);
    for (const { pool } of this.groups) counts[pool] = (counts[pool] ?? 0) + 1;
    return counts;
  }

  /** The fleet as it is, with one workload that is asked to remove some groups. */
  asking(pool: number, count: number): Fleet {
    return {
      problem: {
        nodeValues: this.used.map(() => 1),
        budgets: Array.from({ length: this.pools }, (_, other) => (other === pool ? count : 0)),
        members: this.groups.map((group) => ({
          pool: group.pool,
          nodes: [...new Set(group.nodes)],
          keep: 0,
          ordinal: group.ordinal,
        })),
      },
      podNodes: this.groups.map(({ nodes }) => nodes),
      podGpus: this.groups.map(({ gpus }) => gpus),
    };
  }

  remove(members: readonly number[]): void {
    const gone = new Set(members);
    for (const member of gone) {
      const group = this.groups[member];
      if (group !== undefined) this.take(group, -1);
    }
    this.groups = this.groups.filter((_, member) => !gone.has(member));
  }

  /** Adds groups, at the lowest ordinals that are missing, as long as they find room. */
  grow(pool: number, wanted: number, target: ReadonlySet<number>): void {
    const own = this.groups.filter((group) => group.pool === pool);
    const ordinals = new Set(own.map(({ ordinal }) => ordinal));
    let ordinal = 0;
    for (let count = own.length; count < wanted; count += 1) {
      while (ordinals.has(ordinal)) ordinal += 1;
      const gpus = this.shapes[pool] ?? [];
      const nodes: number[] = [];
      for (const size of gpus) {
        const node = this.place(size, target);
        if (node < 0) break;
        this.used[node] = (this.used[node] ?? 0) + size;
        nodes.push(node);
      }
      const group = { pool, nodes, gpus: gpus.slice(0, nodes.length), ordinal };
      if (nodes.length < gpus.length) {
        this.take(group, -1);
        return;
      }
      ordinals.add(ordinal);
      this.groups.push(group);
    }
  }

  /** Nodes without a pod. */
  free(): number {
    return this.used.filter((gpus) => gpus === 0).length;
  }

  /** No placement leaves more nodes without a pod. */
  mostFree(): number {
    const gpus = this.used.reduce((sum, used) => sum + used, 0);
    return this.used.length - Math.ceil(gpus / GPUS_PER_NODE);
  }

  private take({ nodes, gpus }: Group, sign: 1 | -1): void {
    for (const [pod, node] of nodes.entries()) this.used[node] = (this.used[node] ?? 0) + sign * (gpus[pod] ?? 0);
  }

  /** The emptiest node; or occupied nodes outside of the target set, then in it, then empty ones, the fullest first. */
  private place(size: number, target: ReadonlySet<number>): number {
    let best = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (const [node, used] of this.used.entries()) {
      if (used + size > GPUS_PER_NODE) continue;
      const packed = used + (used === 0 ? 0 : target.has(node) ? 100 : 200);
      const score = this.growth === 'packed' ? packed : -used;
      if (score > highest) {
        highest = score;
        best = node;
      }
    }
    return best;
  }
}
