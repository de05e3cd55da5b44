import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Lows, lowestSeen, lowsAt, mergeLows } from '../../src/domain/fleet/lows.ts';

const QUARTER = 6 * 3_600_000;
const LATER = 100 * QUARTER;

/** The lows of quarters of days in a row, of one workload; null where it was not seen. */
const lowsOf = (...counts: readonly (number | null)[]): Lows =>
  new Map(counts.map((count, quarter) => [quarter, new Map(count === null ? [] : [['w', count]])]));

describe('the lowest count seen at this time of the last days', () => {
  const cases: readonly (readonly [string, Lows, number, number | null])[] = [
    ['nothing while a workload was never seen', lowsOf(null), 0, null],
    ['nothing on the first day', lowsOf(5, 4, 3, 2), 3, null],
    ['the low of the same quarter of the day before', lowsOf(5, 4, 3, 2, 9, 8), 5, 4],
    ['that low in a quarter of which nothing is known yet', lowsOf(5, 4, 3, 2, 9), 5, 4],
    ['nothing where that quarter was the one in which it was first seen', lowsOf(null, 1, 4, 6, 7, 5), 5, null],
    ['lower in the quarter that is not over', lowsOf(5, 4, 3, 2, 9, 1), 5, 1],
    ['the lowest of several days', lowsOf(9, 4, 9, 9, 9, 3, 9, 9, 9, 6, 1), 9, 3],
  ];
  for (const [title, lows, quarter, expected] of cases)
    it(`is ${title}`, () => {
      assert.equal(lowestSeen(lows, 'w', quarter * QUARTER), expected);
      assert.equal(lowestSeen(lows, 'w', (quarter + 1) * QUARTER - 1), expected);
    });
});

describe('lows', () => {
  it('are by the quarter of the day in UTC', () => {
    assert.deepEqual(lowsAt(3 * QUARTER - 1, new Map([['w', 1]])), new Map([[2, new Map([['w', 1]])]]));
    assert.deepEqual(lowsAt(3 * QUARTER, new Map()), new Map([[3, new Map()]]));
  });

  it('that several have seen are the lowest, workload by workload', () => {
    const [one, other] = [lowsOf(5, 3), lowsOf(4, 6, 7)];
    assert.deepEqual(mergeLows([one, other], LATER), lowsOf(4, 3, 7));
    const both = new Map(Object.entries({ w: 5, v: 1 }));
    assert.deepEqual(mergeLows([one, lowsAt(0, new Map([['v', 1]]))], LATER).get(0), both);
  });

  it('are of the last eight days: what is gone for longer is forgotten', () => {
    const lows = mergeLows([lowsOf(1, ...Array.from({ length: 32 }, () => 5))], LATER);
    assert.deepEqual([...lows.keys()], [...Array(33).keys()].slice(1));
    assert.equal(lowestSeen(lows, 'w', 32 * QUARTER), 5);
  });

  it('that a clock far ahead has seen are forgotten once it is right again', () => {
    const ahead = lowsAt(1000 * QUARTER, new Map([['w', 0]]));
    assert.deepEqual(mergeLows([lowsOf(5, 4), ahead], 2 * QUARTER), lowsOf(5, 4));
  });
});
