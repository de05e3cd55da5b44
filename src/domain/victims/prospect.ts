import type { Pod } from '../fleet/pod.ts';
import type { Member } from '../planner/problem.ts';
import type { Pool } from './pool.ts';

/** What is to come after a choice: who of its workload, and who else on the same nodes, will leave later. */
export interface Prospect {
  /** How many of its candidates the pool's workload will lose in the end, this choice included. */
  outlookOf(pool: Pool): number;
  /** What a pod that is no candidate will leave its node with; null for one that stays. */
  leavesWith(pod: Pod): Departing | null;
}

/** A unit that its workload may lose later. */
export interface Departing {
  /** What loses it: its workload, or of a role replica the role in its group. Unique in the fleet, as `unit` is. */
  readonly pool: string;
  readonly unit: string;
  /** How many such units the pool will lose. */
  readonly outlook: number;
}

/** Units that keep some nodes busy for now, as members of pools that lose nothing yet; collected node by node. */
export class Bystanders {
  readonly #nodes = new Map<string, { readonly departing: Departing; readonly nodes: Set<number> }>();

  add(node: number, all: readonly Departing[]): void {
    for (const departing of all) {
      const known = this.#nodes.get(departing.unit) ?? { departing, nodes: new Set() };
      known.nodes.add(node);
      this.#nodes.set(departing.unit, known);
    }
  }

  /** Their members, in pools numbered from `firstPool` on, and the outlook of each pool. */
  pools(firstPool: number): { readonly members: readonly Member[]; readonly outlook: readonly number[] } {
    const numbers = new Map<string, number>();
    const outlook: number[] = [];
    const members = [...this.#nodes.values()].map(({ departing, nodes }): Member => {
      const number = numbers.get(departing.pool) ?? firstPool + numbers.size;
      if (!numbers.has(departing.pool)) outlook.push(departing.outlook);
      numbers.set(departing.pool, number);
      return { pool: number, nodes: [...nodes], keep: 0, ordinal: 0 };
    });
    return { members, outlook };
  }
}
