import type { HostPriority } from './prioritize.ts';

/** More nodes than Kubernetes has in one cluster: names that nobody asks for again do not stay for ever. */
const MOST_NAMES = 20_000;
/** After each score from 0 to 10. */
const TAILS = Array.from({ length: 11 }, (_, score) => Buffer.from(`${score}},`));

/**
 * Writes extenderv1.HostPriorityList as JSON.stringify does. What is the same of a node's entry in every answer is kept as
 * bytes: to write thousands of objects takes longer than to score the nodes.
 */
export class PriorityList {
  readonly #heads = new Map<string, Buffer>();

  /** @throws RangeError for a score that is no whole number from 0 to 10 */
  toJson(priorities: readonly HostPriority[]): Buffer {
    const heads = priorities.map(({ Host }) => this.#headOf(Host));
    const most = heads.reduce((sum, head) => sum + head.length + '10},'.length, '[]'.length);
    const json = Buffer.allocUnsafe(most);
    let end = json.write('[');
    for (const [index, { Host, Score }] of priorities.entries()) {
      const [head, tail] = [heads[index], TAILS[Score]];
      if (head === undefined || tail === undefined) throw new RangeError(`${Host} has a score of ${Score}`);
      json.set(head, end);
      end += head.length;
      json.set(tail, end);
      end += tail.length;
    }
    // In place of the last comma.
    if (priorities.length > 0) end -= 1;
    end += json.write(']', end);
    return json.subarray(0, end);
  }

  #headOf(name: string): Buffer {
    const known = this.#heads.get(name);
    if (known !== undefined) return known;
    if (this.#heads.size >= MOST_NAMES) this.#heads.clear();
    const head = Buffer.from(`{"Host":${JSON.stringify(name)},"Score":`);
    this.#heads.set(name, head);
    return head;
  }
}
