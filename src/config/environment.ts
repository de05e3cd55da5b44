/**
 * The variable of a key or flag: `steering.takeBack` is PACKDOWN_STEERING_TAKE_BACK, `--ops-port` PACKDOWN_OPS_PORT.
 */
export function variableOf(...path: readonly string[]): string {
  const words = path.join('_').replaceAll('-', '_');
  return `PACKDOWN_${words.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}
