import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatLows, parseLows } from '../../src/cluster/lows.ts';

describe('the document of the lows', () => {
  it('is the quarters of days, and the lows of each workload in their order', () => {
    const lows = new Map([
      [2, new Map([['apps/Deployment/ns/b', 7]])],
      [
        1,
        new Map([
          ['apps/Deployment/ns/a', 3],
          ['apps/Deployment/ns/b', 9],
        ]),
      ],
    ]);
    assert.equal(
      formatLows(lows),
      '{"quarters":[1,2],"lows":{"apps/Deployment/ns/b":[9,7],"apps/Deployment/ns/a":[3,null]}}',
    );
  });

  it('is read as it was written', () => {
    const counts = fc.dictionary(fc.string({ minLength: 1 }), fc.nat(), { noNullPrototype: true });
    fc.assert(
      fc.property(fc.dictionary(fc.nat(30_000).map(String), counts, { noNullPrototype: true }), (quarters) => {
        const lows = new Map(
          Object.entries(quarters).map(([quarter, own]) => [Number(quarter), new Map(Object.entries(own))]),
        );
        assert.deepEqual(parseLows(formatLows(lows)), lows);
      }),
    );
  });

  it('is bounded: the smallest workloads are left out', () => {
    const id = (index: number) => `apps/Deployment/${'n'.repeat(60)}/w${index}`;
    const counts = new Map(Array.from({ length: 20_000 }, (_, index) => [id(index), index]));
    const text = formatLows(new Map([[1, counts]]));
    assert.ok(text.length <= 512 * 1024 + 100, `${text.length} bytes`);
    const kept = parseLows(text).get(1);
    assert.equal(kept?.get(id(19_999)), 19_999);
    assert.equal(kept?.get(id(0)), undefined);
  });

  const wrong = [
    '',
    '[]',
    '{"quarters":[1]}',
    '{"quarters":["1"],"lows":{}}',
    '{"quarters":[1],"lows":{"w":[-1]}}',
    '{"quarters":[1],"lows":{"w":3}}',
  ];
  for (const text of wrong)
    it(`is not read from ${text || 'an empty text'}`, () => {
      assert.throws(() => parseLows(text), { code: 'MalformedLows' });
    });
});
