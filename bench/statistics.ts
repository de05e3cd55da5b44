export function mean(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0) / (numbers.length || 1);
}

/** The number below which a share of them is, the largest for all of them. */
export function quantile(numbers: readonly number[], share: number): number {
  const place = Math.min(numbers.length - 1, Math.floor(numbers.length * share));
  return [...numbers].sort((a, b) => a - b)[place] ?? 0;
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** `12.3 (11.9–12.8)`: the median, the lowest and the highest. */
export function spread(numbers: readonly number[], digits: number): string {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)].map((number) => number.toFixed(digits));
  return `${median(numbers).toFixed(digits)} (${low}–${high})`;
}

/** A result, and the milliseconds of CPU time that it took this thread: others on the machine count less than by the clock. */
export function timed<T>(work: () => T): { readonly result: T; readonly milliseconds: number } {
  const begin = threadTime();
  const result = work();
  return { result, milliseconds: (threadTime() - begin) / 1000 };
}

/** Microseconds. Linux counts a running thread only at its ticks of some milliseconds, unless the whole process is asked for. */
function threadTime(): number {
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
