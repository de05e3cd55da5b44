/** Go's time.Duration.String(): kube-apiserver writes whole seconds, or what its caller has left to the nanosecond. */
const GO_DURATION = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)(s|ms|µs|ns))?$/;
const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, ms: 1, µs: 1e-3, ns: 1e-6 };

/**
 * Milliseconds that the caller of a webhook waits for its answer, read from the `?timeout=` that kube-apiserver adds, e.g.
 * `5s` or `1m0s`; infinite where nothing readable is said.
 */
export function patienceOf(timeout: unknown): number {
  const read = typeof timeout === 'string' && timeout !== '' ? GO_DURATION.exec(timeout) : null;
  if (read === null) return Number.POSITIVE_INFINITY;
  const [, hours = 0, minutes = 0, amount = 0, unit = 's'] = read;
  return Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(amount) * (MILLISECONDS[unit] ?? 0);
}
