import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { objectAt } from '../../src/workloads/core/json.ts';
import { appsPod, fleetBut, fleetOf, ours, podOf, servingGroup } from '../builders/fleet.ts';
import { scaleReview } from '../builders/review.ts';
import { deployment, serving } from '../builders/workload.ts';
import { webhook } from './webhook.ts';

/** Node n1 holds a group of llama and a pod of web; nodes n2 and n3 hold the others, and pods that nothing moves. */
const llama = serving(2, { decode: 1 });
const web = deployment(2, { kind: 'ReplicaSet', name: 'web', uid: 'uid-of-web' });
const shared = () =>
  fleetOf(
    [
      ...servingGroup(llama, 0, () => ({ node: 'n2', ...ours(21) })),
      ...servingGroup(llama, 1, () => ({ node: 'n1', ...ours(21) })),
      appsPod(web, 'old', { node: 'n1', created: 1, ...ours(21) }),
      appsPod(web, 'new', { node: 'n3', created: 2, ...ours(21) }),
      podOf('fixed-2', { node: 'n2' }),
      podOf('fixed-3', { node: 'n3' }),
    ],
    [llama, web],
  );
const shrinkLlama = scaleReview(llama, 1);
const shrinkWeb = scaleReview(web, 1);

async function victimsOf(answer: Promise<object>): Promise<unknown> {
  return objectAt(await answer, 'response', 'auditAnnotations').victims;
}

describe('two scale-downs on one node', () => {
  it('of which each would go elsewhere alone', async () => {
    const { validate } = webhook({ index: shared() });
    assert.equal(await victimsOf(validate(shrinkWeb)), 'web-new');
  });

  it('free it together when they come at the same time, for the second sees what the first has marked', async () => {
    const { validate } = webhook({
      index: shared(),
      wrap: (fleet) =>
        fleetBut(fleet, {
          async write(writes, deadline) {
            await new Promise(setImmediate);
            return fleet.write(writes, deadline);
          },
        }),
    });
    const answers = [validate(shrinkLlama), validate(shrinkWeb)].map(victimsOf);
    assert.deepEqual(await Promise.all(answers), ['llama-1', 'web-old']);
  });
});
