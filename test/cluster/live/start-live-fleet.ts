import type { Clock } from '../../../src/cluster/live/clock.ts';
import type { KubeApi } from '../../../src/cluster/live/kube-api.ts';
import { LiveFleet } from '../../../src/cluster/live/live-fleet.ts';
import type { JsonObject } from '../../../src/workloads/core/json.ts';
import { adapters } from '../../../src/workloads/registry.ts';
import { ApiServerDouble } from './api-server-double.ts';
import { TestClock } from './test-clock.ts';

export const PODS = '/api/v1/pods';

export interface LogLine {
  readonly level: 'info' | 'warn';
  readonly details: object;
  readonly message: string;
}

/** A live fleet of the double; nothing is watched yet. */
export function liveFleet(
  api: KubeApi,
  clock: Clock,
  watchSilence = 60_000,
): { fleet: LiveFleet; log: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const log = {
    info: (details: object, message: string) => void lines.push({ level: 'info', details, message }),
    warn: (details: object, message: string) => void lines.push({ level: 'warn', details, message }),
  };
  return { fleet: new LiveFleet({ api, adapters, log, clock, watchSilence }), log: lines };
}

export interface Setup<C extends Clock> {
  readonly server: ApiServerDouble;
  readonly api: KubeApi;
  readonly fleet: LiveFleet;
  readonly log: readonly LogLine[];
  readonly clock: C;
  close(): Promise<void>;
}

/** A server with these pods and a live fleet in sync with it. */
export async function startLiveFleet<C extends Clock>({
  clock,
  pods = [],
}: {
  clock: C;
  pods?: readonly JsonObject[];
}): Promise<Setup<C>> {
  const server = await ApiServerDouble.start();
  for (const pod of pods) server.put(PODS, pod);
  const api = server.client();
  const { fleet, log } = liveFleet(api, clock);
  const close = async () => {
    await fleet.stop();
    await api.close();
    await server.close();
  };
  await fleet.start();
  return { server, api, fleet, log, clock, close };
}

/** Runs a test on a synced fleet whose time stands still, and cleans up after it. */
export async function withLiveFleet(
  pods: readonly JsonObject[],
  body: (setup: Setup<TestClock>) => Promise<void>,
): Promise<void> {
  const setup = await startLiveFleet({ clock: new TestClock(), pods });
  try {
    await body(setup);
  } finally {
    await setup.close();
  }
}
