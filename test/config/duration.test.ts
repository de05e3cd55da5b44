import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { milliseconds } from '../../src/config/duration.ts';

describe('a duration', () => {
  for (const [text, expected] of [
    ['0ms', 0],
    ['800ms', 800],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['2h', 7_200_000],
  ] as const) {
    it(`of ${text} is ${expected} milliseconds`, () => assert.equal(milliseconds(text), expected));
  }
});
