import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CodedError } from '../../../src/domain/coded-error.ts';
import type { RoleRatio } from '../../../src/domain/fleet/ratio-policy.ts';
import {
  compareFractions,
  distanceTo,
  fittingCounts,
  formatBounds,
  parseRoleRatio,
} from '../../../src/domain/ordering/role-ratio.ts';

const RANGE = {
  numerator: 'prefill',
  denominator: 'decode',
  min: { over: 1n, under: 4n },
  max: { over: 1n, under: 1n },
  rounds: false,
};

const READ = [
  { name: 'a range has two ends', text: 'prefill:decode=1:4..1:1', ratio: RANGE },
  { name: 'spaces do not matter', text: '  prefill : decode = 1 : 4 .. 1 : 1 ', ratio: RANGE },
  {
    name: 'a single ratio is both ends',
    text: 'prefill:decode=2:3',
    ratio: { ...RANGE, min: { over: 2n, under: 3n }, max: { over: 2n, under: 3n } },
  },
  {
    name: 'equal ends in other numbers are a range',
    text: 'a-1:b.2=1:2..2:4',
    ratio: {
      ...RANGE,
      numerator: 'a-1',
      denominator: 'b.2',
      min: { over: 1n, under: 2n },
      max: { over: 2n, under: 4n },
    },
  },
  {
    name: 'the largest numbers are read',
    text: 'prefill:decode=1:999999999..999999999:1',
    ratio: { ...RANGE, min: { over: 1n, under: 999_999_999n }, max: { over: 999_999_999n, under: 1n } },
  },
];

for (const { name, text, ratio } of READ) {
  test(`role-ratio: ${name}`, () => assert.deepEqual(parseRoleRatio(text), ratio));
}

const FORM = 'it is not of the form numerator:denominator=min..max';
const NUMBERS = 'its numbers must be from 1 to 999999999';

const REFUSED = [
  { name: 'nothing is no ratio', text: '', problem: FORM },
  { name: 'one role is no ratio', text: 'prefill=1:4', problem: FORM },
  { name: 'roles alone are no ratio', text: 'prefill:decode', problem: FORM },
  { name: 'a ratio without roles is none', text: '1:4..1:1', problem: FORM },
  { name: 'one number is no ratio', text: 'prefill:decode=4', problem: FORM },
  { name: 'an open range is no ratio', text: 'prefill:decode=1:4..', problem: FORM },
  { name: 'three ends are too many', text: 'prefill:decode=1:4..1:2..1:1', problem: FORM },
  { name: 'decimals are no whole numbers', text: 'prefill:decode=0.25:1', problem: FORM },
  { name: 'negative numbers are refused', text: 'prefill:decode=-1:4', problem: FORM },
  { name: 'three roles are too many', text: 'a:b:c=1:1', problem: FORM },
  { name: 'a role with itself is no pair', text: 'decode:decode=1:1', problem: 'it names role decode twice' },
  { name: 'a minimum of zero is refused', text: 'prefill:decode=0:1..1:1', problem: NUMBERS },
  { name: 'a denominator of zero is refused', text: 'prefill:decode=1:4..1:0', problem: NUMBERS },
  { name: 'numbers beyond the largest are refused', text: 'prefill:decode=1:1000000000', problem: NUMBERS },
  {
    name: 'ends the wrong way round are refused',
    text: 'prefill:decode=1:1..1:4',
    problem: 'its minimum 1:1 is above its maximum 1:4',
  },
];

for (const { name, text, problem } of REFUSED) {
  test(`role-ratio: ${name}`, () => {
    assert.throws(
      () => parseRoleRatio(text),
      (error) =>
        error instanceof CodedError &&
        error.code === 'InvalidRoleRatio' &&
        error.message ===
          `packdown.io/role-ratio ${JSON.stringify(text)} is not valid: ${problem}; write it like prefill:decode=1:4..1:1`,
    );
  });
}

test('role-ratio: a long text is quoted in part', () => {
  assert.throws(() => parseRoleRatio('x'.repeat(100_000)), {
    message: /^packdown.io\/role-ratio "x{64}…" is not valid/,
  });
});

test('role-ratio: fractions are compared by value', () => {
  const half = { over: 1n, under: 2n };
  assert.equal(compareFractions(half, { over: 2n, under: 4n }), 0);
  assert.ok(compareFractions(half, { over: 2n, under: 3n }) < 0);
  assert.ok(compareFractions(half, { over: 1n, under: 3n }) > 0);
  assert.ok(compareFractions(half, { over: 1n, under: 0n }) < 0);
});

test('role-ratio: bounds are told as they are written, equal ones once', () => {
  assert.equal(formatBounds(parseRoleRatio('prefill:decode=1:4..1:1')), '1:4..1:1');
  assert.equal(formatBounds(parseRoleRatio('prefill:decode=1:4..1:4')), '1:4');
  assert.equal(formatBounds(parseRoleRatio('prefill:decode=2:8')), '2:8');
});

const OPEN: RoleRatio = { ...RANGE, min: { over: 0n, under: 1n }, max: { over: 1n, under: 0n } };

const FITTING = [
  { name: 'of an exact ratio one count fits', ratio: 'prefill:decode=1:2', role: 'prefill', count: 3, fits: '6' },
  { name: 'of an exact ratio none may fit', ratio: 'prefill:decode=1:2', role: 'decode', count: 3, fits: null },
  {
    name: 'of bounds several fit the numerator',
    ratio: 'prefill:decode=1:4..1:1',
    role: 'prefill',
    count: 2,
    fits: 'between 2 and 8',
  },
  {
    name: 'of bounds several fit the denominator',
    ratio: 'prefill:decode=1:4..1:1',
    role: 'decode',
    count: 5,
    fits: 'between 2 and 5',
  },
  { name: 'a minimum of nothing lets any more fit', ratio: OPEN, role: 'prefill', count: 2, fits: '1 or more' },
  { name: 'a maximum without end lets any more fit', ratio: OPEN, role: 'decode', count: 2, fits: '1 or more' },
  {
    name: 'a maximum of nothing lets none fit',
    ratio: { ...OPEN, max: { over: 0n, under: 1n } },
    role: 'prefill',
    count: 2,
    fits: null,
  },
];

const EXACT: RoleRatio = { ...parseRoleRatio('prefill:decode=1:4'), rounds: true };

const ROUNDED = [
  {
    name: 'both neighbours of a share fit where it is rounded',
    ratio: EXACT,
    role: 'decode',
    count: 5,
    fits: 'between 1 and 2',
  },
  {
    name: 'a whole share is no more than itself where it is rounded',
    ratio: EXACT,
    role: 'decode',
    count: 8,
    fits: '2',
  },
  { name: 'less than one is rounded to none', ratio: EXACT, role: 'decode', count: 3, fits: null },
];

for (const { name, ratio, role, count, fits } of [...FITTING, ...ROUNDED]) {
  test(`role-ratio: ${name}`, () => {
    const declared = typeof ratio === 'string' ? parseRoleRatio(ratio) : ratio;
    assert.equal(fittingCounts(declared, role, count), fits);
  });
}

test('whatever is said to fit a ratio that is rounded is no distance from it', () => {
  const number = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(number, number, number, fc.constantFrom('prefill', 'decode'), (over, under, count, role) => {
      const ratio = { ...parseRoleRatio(`prefill:decode=${over}:${under}`), rounds: true };
      const fits = fittingCounts(ratio, role, count)?.match(/\d+/g)?.map(Number) ?? [];
      for (const fit of fits) {
        const [prefill, decode] = role === 'prefill' ? [count, fit] : [fit, count];
        assert.equal(distanceTo(ratio, prefill, decode).over, 0n, `${prefill}:${decode}`);
      }
    }),
    { numRuns: 1000 },
  );
});

test('the counts that are said to fit are those whose ratio is within the bounds', () => {
  const number = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(
      number,
      number,
      number,
      number,
      number,
      fc.constantFrom('prefill', 'decode'),
      (a, b, c, d, count, role) => {
        const [one, other] = a * d <= c * b ? [`${a}:${b}`, `${c}:${d}`] : [`${c}:${d}`, `${a}:${b}`];
        const ratio = parseRoleRatio(`prefill:decode=${one}..${other}`);
        const fits = Array.from({ length: 100 }, (_, index) => index + 1).filter((candidate) => {
          const [prefill, decode] = role === 'prefill' ? [count, candidate] : [candidate, count];
          const state = { over: BigInt(prefill), under: BigInt(decode) };
          return compareFractions(state, ratio.min) >= 0 && compareFractions(state, ratio.max) <= 0;
        });
        const [least, most = least] = fits.length > 1 ? [fits[0], fits.at(-1)] : fits;
        const said = least === undefined ? null : least === most ? `${least}` : `between ${least} and ${most}`;
        assert.equal(fittingCounts(ratio, role, count), said);
      },
    ),
    { numRuns: 1000 },
  );
});
