/**
 * The variable of a key or flag: `steering.takeBack` is PACKDOWN_STEERING_TAKE_BACK, `--ops-port` PACKDOWN_OPS_PORT.
 */
export function variableOf(...path: readonly string[]): string {
  const words = path.join('_').replaceAll('-', '_');
  return `PACKDOWN_${words.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/**
 * Whether Kubernetes sets a variable of this name in pods beside a Service: for one called packdown-rules, say,
 * PACKDOWN_RULES_SERVICE_HOST and PACKDOWN_RULES_PORT_443_TCP_ADDR.
 */
export function isOfService(variable: string): boolean {
  return /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$/.test(variable);
}
