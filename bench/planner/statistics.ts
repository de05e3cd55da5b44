export function mean(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0) / (numbers.length || 1);
}

/** The number below which a share of them is. */
export function quantile(numbers: readonly number[], share: number): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length * share)] ?? 0;
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
