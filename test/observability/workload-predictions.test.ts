import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Units } from '../../src/observability/expectation.ts';
import { WorkloadPredictions } from '../../src/observability/workload-predictions.ts';
import { appsPod, fleetOf, NOW } from '../builders/fleet.ts';
import { deployment } from '../builders/workload.ts';

const web = deployment(3, { kind: 'ReplicaSet', uid: 'uid-of-web' });

function unitsOf(...numbers: readonly number[]): Units {
  return new Map(numbers.map((number) => [`web-${number}`, [appsPod(web, number)]]));
}

it('of a workload that never rests, scale-downs that are over are forgotten', () => {
  const index = fleetOf(
    [0, 1, 2].map((number) => appsPod(web, number)),
    [web],
  );
  const predictions = new WorkloadPredictions();
  const counts = new Map([[null, 3]]);
  const predicted = { workload: web, counts, generation: undefined, mode: 'steer', nodesFreed: 0 } as const;
  const outcomes: string[] = [];
  const sizes: number[] = [];
  let now = NOW;
  for (let number = 0; number < 100; number += 1) {
    predictions.add(predicted, unitsOf(number), unitsOf(number + 1, number + 2), now + 300_000);
    // The next scale-down comes while the pod of this one is on its way out.
    if (number > 0) index.deletePod('default', `web-${number - 1}`);
    index.putPod(appsPod(web, number + 3));
    for (let looks = 0; looks < 2; looks += 1) {
      outcomes.push(...predictions.check(index, now).map(({ outcome }) => outcome));
      now += 5000;
    }
    sizes.push(predictions.size);
  }
  assert.deepEqual([outcomes.length, new Set(outcomes)], [99, new Set(['right'])]);
  assert.equal(Math.max(...sizes.slice(1)), sizes[1]);
});
