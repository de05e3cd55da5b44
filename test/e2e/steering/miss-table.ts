import type { Verdict } from './verdicts.ts';

/**
 * What came of scale-downs with a controller whose pod watch is so late, and that much `steering.settle`; milliseconds.
 */
export interface Cell {
  delay: number;
  settle: number;
  verdicts: Verdict[];
}

/** Misses of scale-downs, settle by delay, and in brackets how many of these took more than was asked for. */
export function missTable(cells: Cell[]): string {
  const delays = [...new Set(cells.map(({ delay }) => delay))];
  const settles = [...new Set(cells.map(({ settle }) => settle))];
  const text = (delay: number, settle: number) => {
    const verdicts = cells.find((cell) => cell.delay === delay && cell.settle === settle)?.verdicts;
    if (verdicts === undefined) return '-';
    const misses = verdicts.filter(({ missed }) => missed);
    const greedy = misses.filter(({ plannedPods, gonePods }) => gonePods.length > plannedPods.length);
    return `${misses.length} of ${verdicts.length} (${greedy.length})`;
  };
  const line = (first: string, rest: string[]) => [first.padEnd(24), ...rest.map((cell) => cell.padStart(14))].join('');
  return [
    line(
      'misses; watch delayed by',
      delays.map((delay) => `${delay} ms`),
    ),
    ...settles.map((settle) =>
      line(
        `  settle ${settle} ms`,
        delays.map((delay) => text(delay, settle)),
      ),
    ),
  ].join('\n');
}
