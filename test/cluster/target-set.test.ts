import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MemoryTargetSet } from '../../src/cluster/embedded/memory-target-set.ts';
import { formatTargetSet, parseTargetSet, targetSetOf } from '../../src/cluster/target-set.ts';

describe('a target set', () => {
  it('keeps its nodes in their order, each once', () => {
    assert.deepEqual(targetSetOf(['n2', 'n1', 'n2']).nodes, ['n2', 'n1']);
  });

  it('has a version that changes with any node and with their order, and with nothing else', () => {
    const versions = [[], ['n1'], ['n2'], ['n1', 'n2'], ['n2', 'n1'], ['n1n2']].map(
      (nodes) => targetSetOf(nodes).version,
    );
    assert.equal(new Set(versions).size, versions.length);
    assert.equal(targetSetOf(['n1', 'n2', 'n1']).version, targetSetOf(['n1', 'n2']).version);
    assert.match(versions[0] ?? '', /^[0-9a-f]{12}$/);
  });

  it('has 5,000 nodes at the most, and names of 256 KiB', () => {
    const many = Array.from({ length: 5001 }, (_, index) => `n${index}`);
    assert.deepEqual(targetSetOf(many).nodes, many.slice(0, 5000));
    const long = Array.from({ length: 2000 }, (_, index) => `${index}`.padStart(253, 'n'));
    const { nodes } = targetSetOf(long);
    assert.deepEqual(nodes, long.slice(0, 1036));
    assert.ok(formatTargetSet({ version: '', nodes }).length < 1024 * 1024);
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (names) => {
        const written = targetSetOf(names);
        assert.deepEqual(parseTargetSet(formatTargetSet(written)), written);
      }),
    );
  });

  for (const text of ['', '{', '[]', 'null', '7', '{}', '{"nodes":{}}', '{"nodes":["n1",2]}']) {
    it(`is not read from ${text || 'an empty text'}`, () => {
      assert.throws(() => parseTargetSet(text), { code: 'MalformedTargetSet' });
    });
  }

  it('in memory is unknown until somebody publishes one', async () => {
    const store = new MemoryTargetSet();
    assert.equal(store.current(), null);
    await store.publish(['n1']);
    assert.deepEqual(store.current(), targetSetOf(['n1']));
  });
});
