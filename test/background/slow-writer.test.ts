import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SlowWriter } from '../../src/background/slow-writer.ts';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import type { CostCarrier } from '../../src/domain/fleet/instance.ts';
import { fleetOf, podOf } from '../builders/fleet.ts';

it('pods that are always refused keep nobody waiting, however many were refused and are gone', async () => {
  const index = fleetOf([]);
  const written: string[] = [];
  const fleet: Fleet = {
    snapshot: () => index,
    staleness: () => 0,
    write: async (order) =>
      [order].flat(2).map(({ carrier }) => {
        if (carrier.namespace === 'locked') return 'refused';
        written.push(carrier.name);
        return 'written';
      }),
  };
  const writer = new SlowWriter({ fleet, now: () => 0, writesPerSecond: 1000 });
  const writeEach = (carriers: readonly CostCarrier[]) =>
    writer.writeEach(carriers, (pod) => ({ carrier: pod, to: null, victim: null }), {
      goesOn: () => true,
      wait: async () => undefined,
    });
  const locked = (name: string) => podOf(name, { namespace: 'locked', uid: name });
  for (let pod = 0; pod < 10_001; pod += 1) await writeEach([locked(`gone-${pod}`)]);
  const all = [...Array.from({ length: 6 }, (_, pod) => locked(`locked-${pod}`)), podOf('good')];
  assert.deepEqual(await writeEach(all), { written: 0, refused: 5 });
  assert.deepEqual(await writeEach(all), { written: 1, refused: 6 });
  assert.deepEqual(written, ['good']);
});
