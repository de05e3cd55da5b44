/** Whole seconds as Go writes a time.Duration. */
const GO_SECONDS = /^(?:(\d+)h)?(?:(\d+)m)?(\d+)s$/;

/**
 * Milliseconds that the caller of a webhook waits for its answer, read from the `?timeout=` that kube-apiserver adds,
 * e.g. `5s` or `1m0s`; infinite where nothing readable is said. kube-apiserver rounds it up: where its own caller has
 * less time left than the webhook's timeout, up to a second of it is not there.
 */
export function patienceOf(timeout: unknown): number {
  const read = typeof timeout === 'string' ? GO_SECONDS.exec(timeout) : null;
  if (read === null) return Number.POSITIVE_INFINITY;
  const [, hours = 0, minutes = 0, seconds = 0] = read;
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
}
