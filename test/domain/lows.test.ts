import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Lows, lowestSeen, lowsAt, mergeLows } from '../../src/domain/fleet/lows.ts';

const DAY = 86_400_000;

/** The lows of days in a row, of one workload; null where it was not seen. */
const lowsOf = (...counts: readonly (number | null)[]): Lows =>
  new Map(counts.map((count, day) => [day, new Map(count === null ? [] : [['w', count]])]));

describe('the lowest count seen', () => {
  const cases: readonly (readonly [string, Lows, number | null])[] = [
    ['nothing while a workload was never seen', lowsOf(null), null],
    ['nothing on the first day', lowsOf(5), null],
    ['nothing before it was seen for a whole day', lowsOf(5, 3), null],
    ['the low of a whole day', lowsOf(5, 4, 9), 4],
    ['lower on the day that is not over', lowsOf(5, 4, 2), 2],
    ['not the low of the day on which it was first seen', lowsOf(null, 1, 4, 6), 4],
  ];
  for (const [title, lows, expected] of cases)
    it(`is ${title}`, () => {
      assert.equal(lowestSeen(lows, 'w'), expected);
    });
});

describe('lows', () => {
  it('are by the day in UTC', () => {
    assert.deepEqual(lowsAt(3 * DAY - 1, new Map([['w', 1]])), new Map([[2, new Map([['w', 1]])]]));
    assert.deepEqual(lowsAt(3 * DAY, new Map()), new Map([[3, new Map()]]));
  });

  it('that several have seen are the lowest, workload by workload', () => {
    const [one, other] = [lowsOf(5, 3), lowsOf(4, 6, 7)];
    assert.deepEqual(mergeLows([one, other]), lowsOf(4, 3, 7));
    const both = new Map(Object.entries({ w: 5, v: 1 }));
    assert.deepEqual(mergeLows([one, lowsAt(0, new Map([['v', 1]]))]).get(0), both);
  });

  it('are of the last eight days: what is gone for longer is forgotten', () => {
    const lows = mergeLows([lowsOf(1, ...Array.from({ length: 8 }, () => 5))]);
    assert.deepEqual([...lows.keys()], [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.equal(lowestSeen(lows, 'w'), 5);
  });
});
