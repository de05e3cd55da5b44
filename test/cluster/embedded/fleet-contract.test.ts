import { EmbeddedFleet } from '../../../src/cluster/embedded/embedded-fleet.ts';
import { loadFleet } from '../../../src/cluster/embedded/load-fleet.ts';
import { fleetContract } from '../fleet-contract.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');

fleetContract('embedded', async (pods) => ({
  fleet: new EmbeddedFleet(loadFleet(JSON.stringify({ kind: 'List', items: pods }), 'the test'), () => NOW),
  now: () => NOW,
  close: async () => undefined,
}));
