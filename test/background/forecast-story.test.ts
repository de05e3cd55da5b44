import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixedFleet, shrinkAll } from './forecast-story.ts';

/** Five workloads that lose 4 of 12 groups each: 20 pods, or five nodes at the most. */
async function freed(isForeseen: boolean, seed: number): Promise<number> {
  const { workloads, index } = mixedFleet(5, 12, 8, seed);
  return shrinkAll(workloads, index, 8, isForeseen);
}

test('workloads scaled down one after another free more nodes when the leader has looked ahead', async () => {
  assert.deepEqual([await freed(false, 1), await freed(true, 1)], [2, 5]);
});

test('they do so wherever their pods are', async () => {
  const seeds = [2, 3, 4, 5];
  const total = async (isForeseen: boolean) => {
    const counts = await Promise.all(seeds.map((seed) => freed(isForeseen, seed)));
    return counts.reduce((sum, count) => sum + count, 0);
  };
  const [without, foreseen] = [await total(false), await total(true)];
  assert.ok(foreseen >= 4 * seeds.length, `${foreseen} nodes with a forecast`);
  assert.ok(foreseen > without, `${without} nodes without`);
  // Five scale-downs by ordinal would free none: each goes to the nodes that have the fewest pods left.
  assert.ok(without >= 2 * seeds.length, `${without} nodes without`);
});
