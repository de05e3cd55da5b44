import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pdRatio } from '../../../src/domain/ordering/pd-ratio.ts';
import { parseRoleRatio } from '../../../src/domain/ordering/role-ratio.ts';
import { change, deployment, type RoleCounts, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

const RATIO = 'prefill:decode=1:4..1:1';

type State = readonly [prefill: number, decode: number];

function states([oldPrefill, oldDecode]: State, [prefill, decode]: State, ratio = RATIO) {
  const old: RoleCounts = { prefill: oldPrefill, decode: oldDecode };
  return change(serving(4, old), serving(4, { prefill, decode }), { ratio });
}

function refused(state: string, ratio = '1:4..1:1'): string {
  return (
    `prefill:decode would be ${state} per group, the declared ratio is ${ratio}; ` +
    'change both roles in one update so that they fit it, or change the ratio'
  );
}

const SCALERS = new Map(['prefill', 'decode'].map((role) => [role, `RoleBasedGroupScalingAdapter/llm/chat-${role}`]));

function scaled(old: State, next: State, ratio: string) {
  const { facts, ...rest } = states(old, next, ratio);
  return { ...rest, facts: { ...facts, scalers: SCALERS } };
}

function step(state: string, ratio: string, wayOut: string): string {
  return `prefill:decode would be ${state} per group, the declared ratio is ${ratio}; ${wayOut}, or change the ratio`;
}

testRule(pdRatio, [
  { name: 'a state within the ratio is allowed', change: states([1, 1], [1, 2]), finds: [] },
  { name: 'a state at the minimum is allowed', change: states([1, 1], [1, 4]), finds: [] },
  { name: 'a state just below the minimum is refused', change: states([1, 1], [1, 5]), finds: [refused('1:5')] },
  { name: 'a state at the maximum is allowed', change: states([1, 2], [2, 2]), finds: [] },
  { name: 'a state just above the maximum is refused', change: states([1, 2], [3, 2]), finds: [refused('3:2')] },
  { name: 'multiples of the minimum are allowed', change: states([1, 1], [7, 28]), finds: [] },
  { name: 'one more than a multiple is refused', change: states([7, 28], [7, 29]), finds: [refused('7:29')] },
  { name: 'an exact ratio is allowed', change: states([2, 4], [3, 6], 'prefill:decode=1:2'), finds: [] },
  {
    name: 'next to an exact ratio is refused, below',
    change: states([2, 4], [2, 5], 'prefill:decode=1:2'),
    finds: [refused('2:5', '1:2')],
  },
  {
    name: 'next to an exact ratio is refused, above',
    change: states([2, 4], [2, 3], 'prefill:decode=1:2'),
    finds: [refused('2:3', '1:2')],
  },
  {
    name: 'thirds are compared exactly',
    change: states([1, 1], [333_333_333, 999_999_999], 'prefill:decode=1:3..1:1'),
    finds: [],
  },
  {
    name: 'a difference that no float shows is refused',
    change: states([1, 1], [3_002_399_751_580_330, 9_007_199_254_740_991], 'prefill:decode=1:3..1:1'),
    finds: [refused('3002399751580330:9007199254740991', '1:3..1:1')],
  },
  { name: 'nearer from below is allowed', change: states([1, 8], [1, 6]), finds: [] },
  { name: 'further below is refused', change: states([1, 8], [1, 9]), finds: [refused('1:9')] },
  { name: 'equally far below is allowed', change: states([1, 8], [2, 16]), finds: [] },
  { name: 'nearer from above is allowed', change: states([4, 1], [3, 1]), finds: [] },
  { name: 'further above is refused', change: states([4, 1], [5, 1]), finds: [refused('5:1')] },
  {
    name: 'nearer on the other side is allowed',
    change: states([8, 1], [1, 8]),
    finds: [],
  },
  { name: 'further off on the other side is refused', change: states([1, 8], [8, 1]), finds: [refused('8:1')] },
  {
    name: 'a change of groups alone is allowed in a state outside the ratio',
    change: change(serving(4, { prefill: 1, decode: 8 }), serving(3, { prefill: 1, decode: 8 }), { ratio: RATIO }),
    finds: [],
  },
  { name: 'a side at zero is left to pd-both-or-none', change: states([1, 1], [0, 5]), finds: [] },
  { name: 'the other side at zero is left to pd-both-or-none', change: states([1, 1], [5, 0]), finds: [] },
  { name: 'both at zero is allowed', change: states([1, 1], [0, 0]), finds: [] },
  { name: 'from zero into the ratio is allowed', change: states([0, 0], [1, 4]), finds: [] },
  { name: 'from zero past the ratio is refused', change: states([0, 0], [1, 5]), finds: [refused('1:5')] },
  { name: 'from prefill alone at zero any prefill is nearer', change: states([0, 8], [1, 8]), finds: [] },
  { name: 'from decode alone at zero any decode is nearer', change: states([8, 0], [8, 1]), finds: [] },
  {
    name: 'without a declared ratio nothing is refused',
    change: change(serving(4, { prefill: 1, decode: 1 }), serving(4, { prefill: 1, decode: 100 })),
    finds: [],
  },
  {
    name: 'a ratio of roles that are not there is ignored',
    change: states([1, 1], [1, 100], 'context:generation=1:1'),
    finds: [],
  },
  {
    name: 'a role added outside the ratio is refused',
    change: change(serving(4, { prefill: 1 }), serving(4, { prefill: 1, decode: 5 }), { ratio: RATIO }),
    finds: [refused('1:5')],
  },
  { name: 'what is no count is left to sane-counts', change: states([1, 1], [1, Number.NaN]), finds: [] },
  { name: 'a negative count is left to sane-counts', change: states([1, 1], [-1, 5]), finds: [] },
  { name: 'half a replica is left to sane-counts', change: states([1, 1], [1, 7.5]), finds: [] },
  {
    name: 'the counts are those of one group, whatever the number of groups',
    change: change(serving(1, { prefill: 1, decode: 4 }), serving(9, { prefill: 1, decode: 4 }), { ratio: RATIO }),
    finds: [],
  },
  {
    name: 'at an exact ratio the other scaler is to follow to the one count that fits',
    change: scaled([1, 1], [2, 1], 'prefill:decode=1:1'),
    finds: [step('2:1', '1:1', 'scale RoleBasedGroupScalingAdapter/llm/chat-decode to 2 as well')],
  },
  {
    name: 'within bounds the other scaler is to follow to one of the counts that fit',
    change: scaled([1, 4], [1, 7], RATIO),
    finds: [step('1:7', '1:4..1:1', 'scale RoleBasedGroupScalingAdapter/llm/chat-prefill to between 2 and 7 as well')],
  },
  {
    name: 'where no count of the other role fits, both are to go on',
    change: scaled([1, 2], [1, 3], 'prefill:decode=1:2'),
    finds: [step('1:3', '1:2', 'no count of prefill fits 3 of decode, so scale both of them on')],
  },
  {
    name: 'of two scaled roles each may come nearer to the ratio alone',
    change: scaled([2, 1], [2, 2], 'prefill:decode=1:1'),
    finds: [],
  },
  {
    name: 'a workload without roles has no ratio',
    change: change(deployment(4), deployment(3), { ratio: RATIO }),
    finds: [],
  },
]);

/** A ratio of which the autoscaler that keeps to it rounds. */
function rounding(old: State, next: State, text: string) {
  return { ...states(old, next), ratio: { ...parseRoleRatio(text), rounds: true } };
}

testRule(pdRatio, [
  { name: 'a share that is rounded up is kept to', change: rounding([1, 4], [2, 5], 'prefill:decode=1:4'), finds: [] },
  { name: 'a share that is rounded down is, too', change: rounding([1, 4], [1, 5], 'prefill:decode=1:4'), finds: [] },
  {
    name: 'beyond the share, rounded, is refused',
    change: rounding([1, 4], [3, 5], 'prefill:decode=1:4'),
    finds: [refused('3:5', '1:4')],
  },
  {
    name: 'one is more than a share of less than one',
    change: rounding([1, 4], [1, 3], 'prefill:decode=1:4'),
    finds: [refused('1:3', '1:4')],
  },
]);

/**
 * Where Kthena's autoscaler ends with counts from 1 to `most`: it raises the side that is too small, or has no more of
 * it than `most` and lowers the other.
 */
function repaired([over, under]: State, [minOver, minUnder]: State, [maxOver, maxUnder]: State, most: number): State {
  if (over * minUnder < minOver * under) {
    const raised = Math.ceil((minOver * under) / minUnder);
    return raised <= most ? [raised, under] : [most, Math.max(1, Math.floor((most * minUnder) / minOver))];
  }
  if (over * maxUnder > maxOver * under) {
    const raised = Math.ceil((over * maxUnder) / maxOver);
    return raised <= most ? [over, raised] : [Math.max(1, Math.floor((maxOver * most) / maxUnder)), most];
  }
  return [over, under];
}

test('pd-ratio of a ratio that rounds lets the autoscaler end wherever it ends', () => {
  const small = fc.integer({ min: 1, max: 9 });
  const state = fc.tuple(small, small);
  fc.assert(
    fc.property(state, state, state, state, fc.integer({ min: 9, max: 12 }), (old, wanted, one, other, most) => {
      const [min, max] = one[0] * other[1] <= other[0] * one[1] ? [one, other] : [other, one];
      const next = repaired(wanted, min, max, most);
      const ratio = `prefill:decode=${min.join(':')}..${max.join(':')}`;
      assert.deepEqual(pdRatio.judge(rounding(old, next, ratio)), [], `${wanted} becomes ${next}`);
    }),
    { numRuns: 2000 },
  );
});

const positive = fc.integer({ min: 1, max: 12 });
const large = fc.oneof(positive, fc.integer({ min: 1, max: 2 ** 31 - 1 }));

/** Everything on one common denominator, so that plain whole numbers are compared. */
function refusesByCommonDenominator(old: State, next: State, min: State, max: State): boolean {
  const all = [old, next, min, max].map(([, under]) => BigInt(under));
  const common = all.reduce((product, under) => product * under, 1n);
  const scaled = ([over, under]: State) => (BigInt(over) * common) / BigInt(under);
  const away = (state: State) => {
    const value = scaled(state);
    if (value < scaled(min)) return scaled(min) - value;
    return value > scaled(max) ? value - scaled(max) : 0n;
  };
  return away(next) > away(old);
}

test('pd-ratio agrees with whole numbers on a common denominator', () => {
  const state = fc.tuple(large, large);
  const bound = fc.tuple(positive, positive);
  fc.assert(
    fc.property(state, state, bound, bound, (old, next, one, other) => {
      const [min, max] = one[0] * other[1] <= other[0] * one[1] ? [one, other] : [other, one];
      const ratio = `prefill:decode=${min.join(':')}..${max.join(':')}`;
      const refuses = pdRatio.judge(states(old, next, ratio)).length > 0;
      assert.equal(refuses, refusesByCommonDenominator(old, next, min, max));
    }),
    { numRuns: 2000 },
  );
});
