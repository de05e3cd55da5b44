import type { Logger } from 'pino';
import type { FleetWrite } from '../domain/fleet/cost-write.ts';
import type { Fleet, WriteOutcome } from '../domain/fleet/fleet.ts';
import { namespacedName } from '../domain/fleet/namespaced-name.ts';
import { abridgeNames } from './abridge.ts';
import type { Metrics } from './metrics.ts';

/** The same fleet, whose writes are counted, and logged where they take marks back. */
export function observedWrites(fleet: Fleet, metrics: Metrics, log: Logger): Fleet {
  return {
    snapshot: () => fleet.snapshot(),
    staleness: () => fleet.staleness(),
    async write(writes, deadline) {
      const outcomes = await fleet.write(writes, deadline);
      for (const outcome of outcomes) metrics.costWrites.inc({ outcome });
      const unmarked = writes.flat().filter((write, index) => outcomes[index] === 'written' && takesBack(write));
      const pods = unmarked.map(({ carrier }) => namespacedName(carrier));
      if (pods.length > 0) log.info({ pods: abridgeNames(pods) }, 'marks that led nowhere were taken back');
      if (log.isLevelEnabled('debug')) tellEach(writes.flat(), outcomes, log);
      return outcomes;
    },
  };
}

function tellEach(writes: readonly FleetWrite[], outcomes: readonly WriteOutcome[], log: Logger): void {
  for (const [index, { carrier, to }] of writes.entries()) {
    log.debug({ pod: namespacedName(carrier), to, outcome: outcomes[index] ?? 'not sent' }, 'cost');
  }
}

function takesBack({ carrier, to, victim }: FleetWrite): boolean {
  return carrier.victim !== null && to !== null && victim === null;
}
