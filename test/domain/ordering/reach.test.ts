import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Workload } from '../../../src/domain/fleet/workload.ts';
import { withCounts } from '../../../src/domain/ordering/count-changes.ts';
import type { Counts } from '../../../src/domain/ordering/facts.ts';
import { refusedWithin } from '../../../src/domain/ordering/reach.ts';
import type { Rule } from '../../../src/domain/ordering/rule.ts';
import { judge } from '../../../src/domain/ordering/verdict.ts';
import { type ChangeFields, change, partition, serving } from '../../builders/workload.ts';

const groups = (...counts: readonly number[]): readonly Counts[] =>
  counts.map((replicas) => ({ replicas, roles: new Map() }));
const roles = (counts: Readonly<Record<string, number>>): Counts => ({
  replicas: null,
  roles: new Map(Object.entries(counts)),
});
const byDefault = ({ mode }: Rule) => mode;

/** What is refused, as `<count or roles>: <rule>`. */
function refused(workload: Workload, states: readonly Counts[], fields: ChangeFields = {}): readonly string[] {
  const { old: _old, next: _next, rollout: _rollout, ...circumstances } = change(workload, workload, fields);
  return refusedWithin(workload, states, circumstances, byDefault).map(
    ({ at, rule }) => `${at.replicas ?? [...at.roles].flat().join(' ')}: ${rule}`,
  );
}

describe('within reach of an autoscaler, what is refused', () => {
  const protectedThree = serving(5, {}, { partition: partition(3) });
  const owner = { name: 'LeaderWorkerSet/llm/chat', asks: { replicas: 5, roles: new Map() } };
  const gang = serving(2, { prefill: 1, decode: { replicas: 4, gangMinimum: 2 } });
  const cases: readonly [title: string, found: readonly string[], wanted: readonly string[]][] = [
    ['is a count below the partition', refused(protectedThree, groups(2, 9)), ['2: partition-floor']],
    ['is no count at the partition, nor none at all', refused(protectedThree, groups(0, 3, 9)), []],
    [
      'is the lowest count above none, where none is allowed',
      refused(protectedThree, groups(0, 1, 9)),
      ['1: partition-floor'],
    ],
    ['is a count over the maximum', refused(serving(5, {}), groups(1, 11), { maxReplicas: 10 }), ['11: sane-counts']],
    ['is not the maximum itself', refused(serving(5, {}), groups(1, 10), { maxReplicas: 10 }), []],
    [
      'is every rule once',
      refused(protectedThree, groups(1, 2, 11, 12), { maxReplicas: 10 }),
      ['1: partition-floor', '11: sane-counts'],
    ],
    [
      'is where the workload stands already, once it has been better off',
      refused(serving(1, {}, { partition: partition(3) }), groups(1, 9)),
      ['1: partition-floor'],
    ],
    ['is nothing where it stays', refused(serving(1, {}, { partition: partition(3) }), groups(1)), []],
    ['is what the owner does not ask for', refused(serving(5, {}), groups(5, 9), { facts: { owner } }), ['9: owned']],
    ['is a role below its gang', refused(gang, [roles({ decode: 1 }), roles({ decode: 9 })]), ['decode 1: gang-floor']],
    ['is no role at its gang', refused(gang, [roles({ decode: 2 }), roles({ decode: 9 })]), []],
    ['is half a pair', refused(gang, [roles({ prefill: 0 })]), ['prefill 0: pd-both-or-none']],
    [
      'is a pair outside its ratio',
      refused(gang, [roles({ prefill: 1, decode: 9 })], { ratio: 'prefill:decode=1:4' }),
      ['prefill 1 decode 9: pd-ratio'],
    ],
    ['is nothing of a role that the workload does not have', refused(gang, [roles({ encode: 0 })]), []],
    ['is nothing where nothing can be reached', refused(gang, []), []],
  ];
  for (const [title, found, wanted] of cases) test(title, () => assert.deepEqual(found, wanted));

  test('is not what a rule only warns of', () => {
    const shifting = serving(4, {}, { partition: partition('50%') });
    assert.notDeepEqual(judge(change(shifting, { ...shifting, replicas: 2 }), byDefault).findings, []);
    assert.deepEqual(refused(shifting, groups(2, 9)), []);
  });
});

test('whatever is refused between two counts is told of, and nothing else', () => {
  const count = fc.nat({ max: 12 });
  fc.assert(
    fc.property(count, count, count, count, (now, one, other, protects) => {
      const workload = serving(now, {}, { partition: partition(protects) });
      const states = groups(one, other);
      const all = [workload, ...states.map((state) => withCounts(workload, state))];
      const isRefused = all.some((old) =>
        all.slice(1).some((next) => !judge(change(old, next, { maxReplicas: 10 }), byDefault).allowed),
      );
      assert.equal(refused(workload, states, { maxReplicas: 10 }).length > 0, isRefused);
    }),
  );
});
