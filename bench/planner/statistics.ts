export function mean(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0) / (numbers.length || 1);
}

/** The number below which a share of them is. */
export function quantile(numbers: readonly number[], share: number): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length * share)] ?? 0;
}

/** A result, and the milliseconds of CPU time that it took this thread: others on the machine count less than by the clock. */
export function timed<T>(work: () => T): { readonly result: T; readonly milliseconds: number } {
  const begin = process.threadCpuUsage();
  const result = work();
  const { user, system } = process.threadCpuUsage(begin);
  return { result, milliseconds: (user + system) / 1000 };
}
