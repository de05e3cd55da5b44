import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import { SILENCE_LIMIT } from '../../src/domain/fleet/silence.ts';
import { listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { fleetBut, fleetOf, ours, servingGroup } from '../builders/fleet.ts';
import { bindingReview, scaleReview, updateReview } from '../builders/review.ts';
import { evenRatio, partition, serving } from '../builders/workload.ts';
import { configOf, webhook } from './webhook.ts';

/** Two of its four groups are protected: scaling to one is refused. */
const llama = serving(4, { decode: 1 }, { partition: partition(2) });
const pods = [0, 1, 2, 3].flatMap((group) => servingGroup(llama, group, () => ours(21)));

function hookOf(staleness: number | null, index = fleetOf(pods, [llama])) {
  const wrap = (fleet: Fleet): Fleet => fleetBut(fleet, { staleness: () => staleness });
  return webhook({ index, wrap, config: configOf('mode: off') });
}

const responseTo = async (answer: Promise<object>) => objectAt(await answer, 'response');
const finding = /^partition-floor: there would be 1 group/;

describe('a /scale whose object is looked up in the fleet', () => {
  for (const staleness of [0, SILENCE_LIMIT]) {
    it(`is refused by what it says ${staleness} ms after it was heard of`, async () => {
      const { allowed, status } = await responseTo(hookOf(staleness).validate(scaleReview(llama, 1)));
      assert.equal(allowed, false);
      assert.match(String(objectAt({ status }, 'status').message), finding);
    });
  }

  for (const [staleness, since] of [
    [SILENCE_LIMIT + 1, 'the fleet has not been heard of for 5 minutes'],
    [3_600_000, 'the fleet has not been heard of for 60 minutes'],
    [null, 'the fleet has not been read yet'],
  ] as const) {
    it(`is allowed when ${since}, with that and the findings as warnings`, async () => {
      const response = await responseTo(hookOf(staleness).validate(scaleReview(llama, 1)));
      assert.equal(response.allowed, true);
      const [silence, warned, ...others] = listTexts(response, 'warnings');
      assert.equal(silence, `${since}: nothing is refused by what it says`);
      assert.match(warned ?? '', finding);
      assert.deepEqual(others, []);
    });

    it(`is refused when ${since} for a count that makes no sense by itself`, async () => {
      const response = await responseTo(hookOf(staleness).validate(scaleReview(llama, -1)));
      assert.equal(response.allowed, false);
      const { message } = objectAt(response, 'status');
      assert.match(String(message), /^sane-counts: the number of groups would be -1, which is negative[^;]*;[^;]*$/);
      assert.match(JSON.stringify(response.warnings), new RegExp(since));
    });

    it(`says that ${since} for one that nothing is found against`, async () => {
      const response = await responseTo(hookOf(staleness).validate(scaleReview(llama, 5)));
      assert.deepEqual([response.allowed, response.warnings], [true, [`${since}: nothing is refused by what it says`]]);
    });

    it(`says nothing when ${since} and nothing changes`, async () => {
      assert.deepEqual(Object.keys(await responseTo(hookOf(staleness).validate(scaleReview(llama, 4)))), [
        'uid',
        'allowed',
      ]);
    });
  }

  it('is allowed with both warnings where the fleet is empty, for it was never read', async () => {
    const response = await responseTo(hookOf(null, fleetOf([])).validate(scaleReview(llama, 1)));
    assert.equal(response.allowed, true);
    assert.equal(listTexts(response, 'warnings').length, 2);
  });
});

describe('an object that brings everything itself', () => {
  it('is refused in a silence too, which the answer mentions', async () => {
    const response = await responseTo(hookOf(null).validate(updateReview(llama, { ...llama, replicas: 1 })));
    assert.equal(response.allowed, false);
    assert.deepEqual(response.warnings, ['the fleet has not been read yet: nothing is refused by what it says']);
  });
});

describe('a binding', () => {
  const [pod] = pods;
  const isStamped = async (staleness: number | null) => {
    assert.ok(pod);
    const index = fleetOf(pods, [llama]);
    const wrap = (fleet: Fleet): Fleet => fleetBut(fleet, { staleness: () => staleness });
    return 'patch' in (await responseTo(webhook({ index, wrap }).mutate(bindingReview(pod, 'n1'))));
  };

  it('is stamped from a stale fleet', async () => assert.equal(await isStamped(3_600_000), true));
  it('is not stamped from one that was never read', async () => assert.equal(await isStamped(null), false));
});

describe('what other objects say of a fleet that is silent', () => {
  const roles = (decode: number) => ({
    ...serving(2, { prefill: 2, decode }, { name: 'chat', uid: 'uid-of-chat' }),
  });
  const refusedAt = async (staleness: number | null) => {
    const index = fleetOf([], [roles(2)]);
    index.putRatioPolicy(evenRatio(roles(2)));
    const response = await responseTo(hookOf(staleness, index).validate(updateReview(roles(2), roles(4))));
    return [response.allowed, listTexts(response, 'warnings').filter((warning) => warning.startsWith('pd-ratio'))];
  };

  it('refuses nothing, be it a ratio that an AutoscalingPolicy declares', async () => {
    assert.deepEqual((await refusedAt(0))[0], false);
    for (const staleness of [SILENCE_LIMIT + 1, null]) {
      const [isAllowed, warned] = await refusedAt(staleness);
      assert.deepEqual([isAllowed, Array.isArray(warned) && warned.length], [true, 1]);
    }
  });

  it('refuses nothing by what there is of the replicas', async () => {
    const starting = servingGroup(roles(2), 0, () => ({ ready: false }));
    const index = fleetOf(starting, [roles(2)]);
    const config = configOf('mode: off\nrules: {reversal: enforce}');
    for (const [staleness, isAllowed] of [
      [0, false],
      [SILENCE_LIMIT + 1, true],
    ] as const) {
      const wrap = (fleet: Fleet): Fleet => fleetBut(fleet, { staleness: () => staleness });
      const { allowed } = await responseTo(
        webhook({ index, wrap, config }).validate(updateReview(roles(2), { ...roles(2), replicas: 1 })),
      );
      assert.equal(allowed, isAllowed);
    }
  });
});
