import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SlowWriter } from '../../src/background/slow-writer.ts';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import type { CostCarrier } from '../../src/domain/fleet/instance.ts';
import { fleetOf, podOf } from '../builders/fleet.ts';

/** A writer whose writes to pods of the namespace `locked` are refused, and the names of those that it wrote to. */
function writerBesideLocked() {
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
  const pace = { goesOn: () => true, wait: async () => undefined };
  const writeEach = (carriers: readonly CostCarrier[], most?: number) =>
    writer.writeEach(carriers, (pod) => ({ carrier: pod, to: null, victim: null }), pace, most);
  return { written, writeEach };
}

const locked = (name: string) => podOf(name, { namespace: 'locked', uid: name });

it('pods that are always refused keep nobody waiting, however many were refused and are gone', async () => {
  const { written, writeEach } = writerBesideLocked();
  for (let pod = 0; pod < 10_001; pod += 1) await writeEach([locked(`gone-${pod}`)]);
  const all = [...Array.from({ length: 6 }, (_, pod) => locked(`locked-${pod}`)), podOf('good')];
  assert.deepEqual(await writeEach(all), { written: 0, refused: 5 });
  assert.deepEqual(await writeEach(all), { written: 1, refused: 6 });
  assert.deepEqual(written, ['good']);
});

it('a pod that was refused once waits for nobody any more when it has been written to since', async () => {
  const { written, writeEach } = writerBesideLocked();
  const unlocked = podOf('was-locked', { uid: 'was-locked' });
  await writeEach([locked('was-locked')]);
  await writeEach([unlocked]);
  await writeEach([unlocked, podOf('good')], 1);
  assert.deepEqual(written, ['was-locked', 'was-locked']);
});
