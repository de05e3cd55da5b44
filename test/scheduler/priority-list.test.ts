import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PriorityList } from '../../src/scheduler/priority-list.ts';

describe('a list of priorities as JSON', () => {
  it('is what JSON.stringify writes, whatever names are called and in every answer', () => {
    const priority = fc.record({ Host: fc.string({ unit: 'binary' }), Score: fc.integer({ min: 0, max: 10 }) });
    const list = new PriorityList();
    fc.assert(
      fc.property(fc.array(priority), (priorities) => {
        for (let answer = 0; answer < 2; answer += 1) {
          assert.equal(list.toJson(priorities).toString(), JSON.stringify(priorities));
        }
      }),
    );
  });

  it('is right beyond the names that are kept', () => {
    const list = new PriorityList();
    for (const prefix of ['a', 'b', 'c']) {
      const priorities = Array.from({ length: 15_000 }, (_, n) => ({ Host: `${prefix}-${n}`, Score: n % 11 }));
      assert.equal(list.toJson(priorities).toString(), JSON.stringify(priorities));
    }
  });

  it('has no place for a score that kube-scheduler would not take', () => {
    for (const Score of [-1, 11, 1.5, Number.NaN]) {
      assert.throws(() => new PriorityList().toJson([{ Host: 'n1', Score }]), /n1 has a score of/);
    }
  });
});
