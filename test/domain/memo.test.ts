import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { memo } from '../../src/domain/memo.ts';

describe('a function with a memo', () => {
  const work = mock.fn((key: object, ...rest: readonly unknown[]) => ({ key, rest }));
  const remembering = memo(work);

  it('works once for the same arguments', () => {
    const key = {};
    const first = remembering(key, 'a', 1);
    assert.equal(remembering(key, 'a', 1), first);
    assert.deepEqual(first, { key, rest: ['a', 1] });
  });

  it('works again once another of the arguments is another one, be it equal', () => {
    const key = {};
    const [some, same]: readonly object[] = [{}, {}];
    const first = remembering(key, some);
    assert.notEqual(remembering(key, same), first);
    assert.notEqual(remembering(key, some), first);
  });

  it('keeps a result for each first argument', () => {
    const [one, other] = [{}, {}];
    const first = remembering(one, 'a');
    remembering(other, 'b');
    assert.equal(remembering(one, 'a'), first);
  });

  it('keeps a result that is null as well', () => {
    const nothing = mock.fn((_key: object) => null);
    const remembered = memo(nothing);
    const key = {};
    assert.deepEqual([remembered(key), remembered(key), nothing.mock.callCount()], [null, null, 1]);
  });
});
