import type { LiveFleet } from '../../../src/cluster/live/live-fleet.ts';
import { ApiServerDouble } from './api-server-double.ts';
import { type LogLine, liveFleet } from './start-live-fleet.ts';
import { TestClock } from './test-clock.ts';
import { until } from './until.ts';

export interface Tools {
  readonly server: ApiServerDouble;
  readonly fleet: LiveFleet;
  readonly clock: TestClock;
  readonly log: readonly LogLine[];
  /** Waits until a condition holds, while time passes. */
  eventually(description: string, holds: () => boolean): Promise<void>;
}

/** Runs a test on a fleet that is not started yet, with a server to make trouble. */
export async function withFleet(body: (tools: Tools) => Promise<void>, watchSilence?: number): Promise<void> {
  const server = await ApiServerDouble.start();
  const clock = new TestClock();
  const api = server.client();
  const { fleet, log } = liveFleet(api, clock, watchSilence);
  const eventually = (description: string, holds: () => boolean) =>
    until(description, () => {
      clock.advance(1000);
      return holds();
    });
  try {
    await body({ server, fleet, clock, log, eventually });
  } finally {
    await fleet.stop();
    await api.close();
    await server.close();
  }
}
