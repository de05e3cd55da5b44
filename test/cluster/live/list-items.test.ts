import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { listItems } from '../../../src/cluster/live/list-items.ts';

async function read(text: string, chunk: number): Promise<readonly [rest: unknown, items: readonly unknown[]]> {
  const items: unknown[] = [];
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, index) =>
    bytes.subarray(index * chunk, (index + 1) * chunk),
  );
  const rest = await listItems(Readable.from(chunks, { objectMode: false }), (item) => items.push(item));
  return [rest, items];
}

test('items and the rest of a list come out as JSON.parse reads them, wherever the stream is cut', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue())),
      fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' })),
      fc.boolean(),
      fc.integer({ min: 1, max: 64 }),
      fc.constantFrom(0, 2),
      async (items, metadata, itemsLast, chunk, indent) => {
        const list = itemsLast ? { kind: 'PodList', metadata, items } : { items, kind: 'PodList', metadata };
        const expected: unknown = JSON.parse(JSON.stringify({ list: { ...list, items: [] }, items }));
        const [rest, read_] = await read(JSON.stringify(list, null, indent), chunk);
        assert.deepEqual({ list: rest, items: read_ }, expected);
      },
    ),
  ));

test('a key named items elsewhere, or braces and quotes in texts, mislead nobody', async () => {
  const list = {
    metadata: { items: [{ a: 1 }], note: '"items":[{' },
    other: [{ items: [{ b: 2 }] }],
    items: [{ items: [{ c: 3 }], text: 'a \\" } ] {' }, {}],
  };
  for (const chunk of [1, 7, 1000]) {
    assert.deepEqual(await read(JSON.stringify(list), chunk), [{ ...list, items: [] }, list.items]);
  }
});

for (const text of ['', 'no JSON', '{"items":[{"a":1}', '{"items":[{"a":}]}', '{"items":[{}],']) {
  test(`${JSON.stringify(text)} is an error`, () => assert.rejects(read(text, 5), SyntaxError));
}
