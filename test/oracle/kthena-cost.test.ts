import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kthenaCost } from './kthena.ts';

describe('a Kthena cost', () => {
  for (const [raw, expected] of [
    [undefined, 0n],
    ['', 0n],
    ['1.5', 0n],
    [' 7', 0n],
    ['7\n', 0n],
    ['1_0', 0n],
    ['-', 0n],
    ['0x10', 0n],
    ['9223372036854775807', 9223372036854775807n],
    ['9223372036854775808', 0n],
    ['-9223372036854775808', -9223372036854775808n],
    ['+10', 10n],
    ['008', 8n],
    ['-3', -3n],
  ] as const) {
    it(`${JSON.stringify(raw)} counts ${expected}`, () => assert.equal(kthenaCost(raw), expected));
  }
});
