import { systemClock } from '../../../src/cluster/live/clock.ts';
import { fleetContract } from '../fleet-contract.ts';
import { startLiveFleet } from './start-live-fleet.ts';

fleetContract('live', async (pods) => {
  const { fleet, close } = await startLiveFleet({ clock: systemClock, pods });
  return { fleet, now: systemClock.now, close };
});
