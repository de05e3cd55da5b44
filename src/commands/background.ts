import { type DutiesOptions, dutiesOf } from '../background/duties.ts';
import { runDuties } from '../background/duty.ts';
import { type ForecastOptions, publishingTargetSet } from '../background/target-set.ts';
import { systemClock } from '../cluster/live/clock.ts';
import type { Log } from '../cluster/live/log.ts';
import { answer } from '../planning/question.ts';
import type { Leadership } from './fleet-source.ts';

export interface BackgroundOptions extends DutiesOptions {
  readonly leadership: Leadership;
  readonly log: Log;
}

/** Takes part in the election and, while this replica leads, does what runs in the background. */
export function startBackground({ leadership, log, ...options }: BackgroundOptions): { close(): Promise<void> } {
  const stopped = new AbortController();
  const election = leadership.run(stopped.signal);
  const { delay } = systemClock;
  const { fleet } = options;
  const duties = runDuties(dutiesOf(options), { isLeader: () => leadership.isLeader(), fleet, delay, log });
  return {
    async close() {
      // Nobody else may begin before these have ended.
      await duties.close();
      stopped.abort();
      await election;
    },
  };
}

/**
 * Publishes the target set of a fleet that has been read, before anybody is served: plans then look ahead from the
 * first on. It takes no thread, for nobody waits meanwhile.
 */
export async function publishFirstTargetSet(options: Omit<ForecastOptions, 'findTargets'>): Promise<void> {
  const duty = publishingTargetSet({
    ...options,
    findTargets: async (problem) => answer({ asks: 'targets', problem }).chosen,
  });
  await duty.run({ goesOn: () => true, wait: async () => undefined });
}
