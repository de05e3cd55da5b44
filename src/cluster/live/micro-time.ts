/** Kubernetes' MicroTime of milliseconds since the epoch: RFC 3339 with six digits. */
export function microTime(time: number): string {
  return new Date(time).toISOString().replace('Z', '000Z');
}
