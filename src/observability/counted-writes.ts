import type { Fleet } from '../domain/fleet/fleet.ts';
import type { Metrics } from './metrics.ts';

/** The same fleet, whose writes are counted. */
export function countedWrites(fleet: Fleet, metrics: Metrics): Fleet {
  return {
    snapshot: () => fleet.snapshot(),
    staleness: () => fleet.staleness(),
    async write(writes, deadline) {
      const outcomes = await fleet.write(writes, deadline);
      for (const outcome of outcomes) metrics.costWrites.inc({ outcome });
      return outcomes;
    },
  };
}
