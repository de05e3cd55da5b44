import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RateLimit } from '../../src/domain/rate-limit.ts';

const RATE = { atOnce: 3, oneMoreEvery: 10 };
const START = 1_000;

/** How many of `tries` at the same moment are let through. */
function taken(limit: RateLimit, now: number, tries = 10, key = 'a'): number {
  return Array.from({ length: tries }, () => limit.take(key, now)).filter((isTaken) => isTaken).length;
}

describe('a rate limit', () => {
  it('lets as many through at once as it says', () => {
    assert.equal(taken(new RateLimit(RATE), START), 3);
  });

  it('lets one more through each time that it says, and none before', () => {
    const limit = new RateLimit(RATE);
    taken(limit, START);
    assert.deepEqual(
      [9, 10, 19, 20, 29, 30].map((later) => taken(limit, START + later)),
      [0, 1, 0, 1, 0, 1],
    );
  });

  it('does not count what it refused', () => {
    const limit = new RateLimit(RATE);
    taken(limit, START, 1_000);
    assert.equal(taken(limit, START + 10), 1);
  });

  it('is full again after a while, and no fuller', () => {
    const limit = new RateLimit(RATE);
    taken(limit, START);
    assert.equal(taken(limit, START + 29), 2);
    assert.equal(taken(limit, START + 10_000), 3);
  });

  it('keeps every key apart', () => {
    const limit = new RateLimit(RATE);
    taken(limit, START, 10, 'a');
    assert.equal(taken(limit, START, 10, 'b'), 3);
  });

  it('lets one more through as soon as ever after the clock was set back', () => {
    const limit = new RateLimit(RATE);
    taken(limit, START);
    assert.equal(taken(limit, START - 500), 0);
    assert.equal(taken(limit, START - 490), 1);
  });
});
