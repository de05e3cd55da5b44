import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WriteOutcome } from '../../src/domain/fleet/fleet.ts';
import { fleetBut, fleetOf, NOW, servingGroup, theirs } from '../builders/fleet.ts';
import { REVIEW_UID, scaleReview, updateReview } from '../builders/review.ts';
import { evenRatio, serving } from '../builders/workload.ts';
import { at, type Hook, llama, marked, pods, saysTwo, scale, steered } from './ten-groups.ts';
import { answerTo, configOf, webhook } from './webhook.ts';

describe('the budget', () => {
  /** Lets every write take a time. */
  const slow = (milliseconds: number): Hook => {
    const hook: Hook = steered({
      wrap: (fleet) =>
        fleetBut(fleet, {
          async write(writes, deadline) {
            const outcomes: WriteOutcome[] = [];
            for (const write of writes.flat()) {
              hook.clock.time += milliseconds;
              outcomes.push(...(await fleet.write([write], deadline)));
            }
            return outcomes;
          },
        }),
    });
    return hook;
  };

  it('of 800 ms is enough for two writes of 400 ms', async () => {
    assert.equal(await scale(slow(400), 10, 8), saysTwo);
  });

  it('that is past is answered with a warning, and no further write is sent', async () => {
    const hook = slow(401);
    assert.equal(
      await scale(hook, 10, 8),
      answerTo(REVIEW_UID, {
        allowed: true,
        auditAnnotations: { victims: 'llama-9,llama-8', 'nodes-freed': 'n4' },
        warnings: [
          'packdown: llama-9, llama-8 will go, which frees n4',
          'packdown: 1 of 2 costs were not sent within the budget: others may go instead',
        ],
      }),
    );
    assert.deepEqual(marked(hook), ['llama-9']);
  });

  it('is nine tenths of the time that the caller waits where that is shorter', async () => {
    const review = scaleReview(at(10), 8);
    for (const [patience, isInTime] of [
      [900, true],
      [880, false],
      [5000, true],
    ] as const) {
      const answer = JSON.stringify(await slow(400).validate(review, patience));
      assert.equal(!answer.includes('not sent within the budget'), isInTime, `${patience} ms`);
    }
  });

  it('leaves to the writes what a second look has left of the time that the caller waits', async () => {
    const chat = (decode: number) => serving(1, { prefill: 4, decode });
    const index = fleetOf(
      servingGroup(chat(4), 0, () => ({ node: 'n1' })),
      [chat(4)],
    );
    index.putRatioPolicy(evenRatio(chat(4)));
    const deadlines: number[] = [];
    const { validate } = webhook({
      index,
      config: configOf('steering: {settle: 150ms}'),
      meanwhile: () => index.deleteRatioPolicy('default', 'p'),
      wrap: (fleet) =>
        fleetBut(fleet, {
          write(writes, deadline) {
            deadlines.push(deadline - NOW);
            return fleet.write(writes, deadline);
          },
        }),
    });
    await validate(updateReview(chat(4), chat(3)), 550);
    assert.deepEqual(deadlines, [150 + 0.9 * 400]);
  });

  it('begins when the review arrives, not when its turn comes', async () => {
    const hook = slow(300);
    const [first, second] = await Promise.all([scale(hook, 10, 9), scale(hook, 10, 8)]);
    assert.doesNotMatch(first, /budget/);
    assert.doesNotMatch(second, /budget/);
    const late = slow(800);
    const [, lateSecond] = await Promise.all([scale(late, 10, 9), scale(late, 10, 8)]);
    assert.match(lateSecond, /1 of 1 costs were not sent within the budget/);
  });

  it('bounds the time to settle', async () => {
    for (const [settle, taken] of [
      ['0ms', 0],
      ['250ms', 250],
      ['2s', 800],
    ] as const) {
      const hook = steered({ config: configOf(`steering: {settle: ${settle}}`) });
      await scale(hook, 10, 8);
      assert.equal(hook.clock.time - NOW, taken, settle);
      await scale(hook, 10, 8);
      assert.equal(hook.clock.time - NOW, taken, 'nothing was written, so nothing has to settle');
    }
  });
});

describe('a write that fails', () => {
  it('because somebody else was faster is told, and theirs is left alone', async () => {
    const index = fleetOf(pods, [llama]);
    const hook = steered({
      index,
      wrap: (fleet) =>
        fleetBut(fleet, {
          write(writes, deadline) {
            for (const pod of [...index.pods()]) {
              if (pod.name.startsWith('llama-9')) index.putPod({ ...pod, ...theirs(7) });
            }
            return fleet.write(writes, deadline);
          },
        }),
    });
    assert.match(await scale(hook, 10, 8), /"packdown: 1 of 2 costs could not be written: others may go instead"/);
    assert.deepEqual(marked(hook), ['llama-8']);
    assert.equal(index.pod('default', 'llama-9-decode-0-0')?.cost, '7');
  });

  it('with an error is allowed with a warning, and does not hold up the next', async () => {
    let isBroken = true;
    const hook = steered({
      wrap: (fleet) =>
        fleetBut(fleet, {
          async write(writes, deadline) {
            if (isBroken) throw new Error('the fleet is gone');
            return fleet.write(writes, deadline);
          },
        }),
    });
    const warning = 'packdown could not judge this, and allowed it: the fleet is gone';
    assert.equal(await scale(hook, 10, 8), answerTo(REVIEW_UID, { allowed: true, warnings: [warning] }));
    assert.equal(hook.unjudged.length, 1);
    isBroken = false;
    assert.equal(await scale(hook, 10, 8), saysTwo);
  });
});
