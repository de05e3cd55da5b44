import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';

import type { Pod } from '../../src/domain/fleet/pod.ts';
import { takeBackAt } from '../background/stage.ts';
import { fleetOf, ours, servingGroup, theirs } from '../builders/fleet.ts';
import { bindingReview, scaleReview } from '../builders/review.ts';
import { serving } from '../builders/workload.ts';
import { webhook } from './webhook.ts';

const GROUPS = 6;
const llama = serving(GROUPS, { prefill: 1, decode: 1 });

type Carried = Partial<Pick<Pod, 'cost' | 'costOwner'>>;

/**
 * What a pod may carry before anything happens: nothing, a stamp of ours, a cost of others, or one that they changed.
 */
const carried = fc.oneof(
  fc.constant<Carried>({}),
  fc.integer({ min: 0, max: 100 }).map<Carried>(ours),
  fc.constantFrom('-5', '0', '7', '2147483647', '+3', 'high', '').map<Carried>(theirs),
  fc.integer({ min: 0, max: 100 }).map<Carried>((cost) => ({ cost: String(cost), costOwner: String(cost + 1) })),
);

const step = fc.oneof(
  fc.integer({ min: 0, max: GROUPS }).map((replicas) => ({ kind: 'scale', replicas }) as const),
  fc.integer({ min: 0, max: 600_000 }).map((milliseconds) => ({ kind: 'take back', milliseconds }) as const),
  fc.nat({ max: 2 * GROUPS - 1 }).map((pod) => ({ kind: 'bind', pod }) as const),
);

const isTheirs = ({ cost, costOwner }: Carried) => (cost ?? null) !== null && cost !== costOwner;

describe('a cost that somebody else wrote', () => {
  it('survives whatever is scaled, taken back and bound, and every cost of ours has its record', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(carried, { minLength: 2 * GROUPS, maxLength: 2 * GROUPS }),
        fc.array(step, { maxLength: 8 }),
        async (costs, steps) => {
          const pods = Array.from({ length: GROUPS }, (_, group) =>
            servingGroup(llama, group, () => ({ node: `n${group % 3}` })),
          )
            .flat()
            .map((pod, index) => ({ ...pod, ...costs[index] }));
          const { clock, config, fleet, index, mutate, validate, unjudged } = webhook({
            index: fleetOf(pods, [llama]),
          });
          let replicas = GROUPS;
          for (const next of steps) {
            switch (next.kind) {
              case 'scale':
                await validate(scaleReview({ ...llama, replicas }, next.replicas));
                replicas = next.replicas;
                break;
              case 'take back':
                clock.time += next.milliseconds;
                await takeBackAt(clock.time, fleet, config);
                break;
              case 'bind': {
                const pod = pods[next.pod];
                assert.ok(pod);
                const patched = JSON.stringify(await mutate(bindingReview(pod, 'n0'))).includes('"patch"');
                const isMarked = index.pod(pod.namespace, pod.name)?.victim !== null;
                assert.equal(patched, !isTheirs(pod) && !isMarked);
                break;
              }
            }
          }
          for (const pod of pods) {
            const after = index.pod(pod.namespace, pod.name);
            assert.ok(after);
            if (isTheirs(pod)) assert.deepEqual(after, pod);
            else assert.equal(after.costOwner, after.cost);
          }
          assert.deepEqual(unjudged, []);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is left alone on a pod of a group that goes', async () => {
    const pods = servingGroup(llama, 0, ({ role }) => (role === 'prefill' ? theirs(3) : ours(40)));
    const others = [1, 2, 3, 4, 5].flatMap((group) => servingGroup(llama, group, () => ours(40)));
    const { index, validate } = webhook({ index: fleetOf([...pods, ...others], [llama]) });
    await validate(scaleReview(llama, 0));
    assert.deepEqual(
      [...index.pods()].filter(({ cost }) => cost === '3').map(({ name, costOwner }) => [name, costOwner]),
      [['llama-0-prefill-0-0', null]],
    );
  });
});
