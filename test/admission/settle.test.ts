import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Steering } from '../../src/admission/steering.ts';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { fleetOf, NOW, ours, servingGroup } from '../builders/fleet.ts';
import { turns } from '../builders/turns.ts';
import { serving } from '../builders/workload.ts';
import { configOf } from './webhook.ts';

const llama = serving(4, { decode: 1 });
const other: Workload = { ...serving(4, { decode: 1 }), name: 'other', uid: 'other' };

/** Steering whose waits end when they are told to. */
function settling(config = 'steering: {settle: 500ms}') {
  const pods = [llama, other].flatMap((workload) =>
    [0, 1, 2, 3].flatMap((group) => servingGroup(workload, group, () => ours(21))),
  );
  const waits: { milliseconds: number; end: () => void }[] = [];
  const steering = new Steering({
    fleet: new EmbeddedFleet(fleetOf(pods, [llama, other]), () => NOW),
    config: configOf(config),
    now: () => NOW,
    wait: (milliseconds) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      waits.push({ milliseconds, end: resolve });
      return promise;
    },
  });
  const answered: string[] = [];
  const scale = async (workload: Workload, to: number, name: string) => {
    await steering.steer(workload, { ...workload, replicas: to });
    answered.push(name);
  };
  return { steering, scale, waits, answered };
}

describe('settling', () => {
  it('of one workload does not hold up another', async () => {
    const { scale, waits, answered } = settling();
    const [first, second] = [scale(llama, 2, 'first'), scale(other, 2, 'second')];
    await turns();
    assert.equal(waits.length, 2);
    assert.deepEqual(answered, []);
    waits[1]?.end();
    await second;
    assert.deepEqual(answered, ['second']);
    waits[0]?.end();
    await first;
  });

  it('is waited for by a second review of the same change, which finds everything written', async () => {
    const { scale, waits, answered } = settling();
    const first = scale(llama, 2, 'first');
    await turns();
    const second = scale(llama, 2, 'second');
    await turns();
    assert.deepEqual(answered, []);
    assert.deepEqual(
      waits.map(({ milliseconds }) => milliseconds),
      [500],
    );
    waits[0]?.end();
    await Promise.all([first, second]);
    assert.deepEqual(answered, ['first', 'second']);
  });

  it('of a second change is waited for by a review of it that comes once the first has settled', async () => {
    const { scale, waits, answered } = settling();
    const first = scale(llama, 3, 'first');
    await turns();
    const smaller = { ...llama, replicas: 3 };
    const second = scale(smaller, 2, 'second');
    await turns();
    assert.equal(waits.length, 2);
    waits[0]?.end();
    await first;
    const again = scale(smaller, 2, 'second again');
    await turns();
    assert.deepEqual(answered, ['first']);
    waits[1]?.end();
    await Promise.all([second, again]);
  });

  it('never takes longer than the budget, nor does a second look at what would be refused', async () => {
    const { steering, scale, waits } = settling('steering: {settle: 10s, budget: 700ms}');
    const scaled = scale(llama, 2, 'scaled');
    await turns();
    const looked = steering.catchUp();
    assert.deepEqual(
      waits.map(({ milliseconds }) => milliseconds),
      [700, 700],
    );
    for (const { end } of waits) end();
    await Promise.all([scaled, looked]);
  });
});
