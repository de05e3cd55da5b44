import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import { fleetBut, fleetOf, marked, ours, servingGroup } from '../builders/fleet.ts';
import { scaleReview } from '../builders/review.ts';
import { partition, serving } from '../builders/workload.ts';
import { byName } from '../scheduler/extender-bodies.ts';
import { observedServer } from './observed-server.ts';

const MINUTE = 60_000;
/**
 * Two of its four groups are protected: scaling to one is refused. The last one is on its own node, and marked to go.
 */
const llama = serving(4, { decode: 1 }, { partition: partition(2) });
const pods = [0, 1, 2, 3].flatMap((group) =>
  servingGroup(llama, group, () => (group === 3 ? { node: 'n2', ...marked(0, 'llama-3') } : ours(21))),
);

async function served(t: TestContext) {
  const silence: { staleness: number | null } = { staleness: null };
  const wrap = (fleet: Fleet): Fleet => fleetBut(fleet, { staleness: () => silence.staleness });
  const server = await observedServer(t, { index: fleetOf(pods, [llama]), wrap });
  return {
    ...server,
    silence,
    refused: async () => (await server.post('/validate', scaleReview(llama, 1))).includes('"allowed":false'),
    keptOff: async () => (await server.post('/scheduler/filter', byName(['n1', 'n2']))).includes('freeing'),
    said: () => server.logged.filter(({ msg }) => /fleet/.test(`${msg}`)).map(({ level, msg }) => [level, msg]),
  };
}

describe('a server whose fleet is silent', () => {
  it('refuses and keeps off nothing, counts it, and logs each silence twice', async (t) => {
    const { silence, check, refused, keptOff, said, seriesOf } = await served(t);
    const decisions = async () => {
      const path = 'packdown_admission_requests_total{path="/validate",resource="modelservings",decision=';
      const series = await seriesOf('packdown_admission_requests_total');
      return { denied: series[`${path}"denied"}`] ?? 0, stale: series[`${path}"stale"}`] ?? 0 };
    };
    const seconds = async () => (await seriesOf('packdown_fleet_staleness_seconds')).packdown_fleet_staleness_seconds;
    const look = async () => {
      check();
      return [await refused(), await keptOff()];
    };

    for (let time = 0; time < 3; time += 1) assert.deepEqual(await look(), [false, false]);
    assert.deepEqual([await decisions(), await seconds()], [{ denied: 0, stale: 3 }, Number.POSITIVE_INFINITY]);
    const unread = [40, 'the fleet has not been read yet: until it is, nothing is refused by what it says'];
    assert.deepEqual(said(), [unread]);

    silence.staleness = 5 * MINUTE;
    for (let time = 0; time < 3; time += 1) assert.deepEqual(await look(), [true, true]);
    assert.deepEqual([await decisions(), await seconds()], [{ denied: 3, stale: 3 }, 300]);
    const heard = [30, 'the fleet is heard of again'];
    assert.deepEqual(said(), [unread, heard]);

    for (silence.staleness = 6 * MINUTE; silence.staleness < 9 * MINUTE; silence.staleness += MINUTE)
      assert.deepEqual(await look(), [false, false]);
    const silent = [
      40,
      'the fleet has not been heard of for 6 minutes: until it is, nothing is refused by what it says',
    ];
    assert.deepEqual([await decisions(), said()], [{ denied: 3, stale: 6 }, [unread, heard, silent]]);

    silence.staleness = 0;
    assert.deepEqual(await look(), [true, true]);
    assert.deepEqual(said(), [unread, heard, silent, heard]);
  });
});
