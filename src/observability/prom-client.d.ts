/** The parts of prom-client's collectDefaultMetrics, which it has no types for. */
declare module 'prom-client/lib/metrics/*.js' {
  import type { Registry } from 'prom-client';

  export default function collect(registry: Registry, options: { readonly eventLoopMonitoringPrecision: number }): void;
}
