import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Workload } from '../../../src/domain/fleet/workload.ts';
import { withCounts } from '../../../src/domain/ordering/count-changes.ts';
import type { OwnersWill } from '../../../src/domain/ordering/facts.ts';
import { countedChange, RULE_MODES, type Rule } from '../../../src/domain/ordering/rule.ts';
import { rules } from '../../../src/domain/ordering/rules.ts';
import { judge } from '../../../src/domain/ordering/verdict.ts';
import { change, partition, serving } from '../../builders/workload.ts';
import { anyChange, anyMinimum, anyPartition, anyUnlisted, anyWhole, anyWorkload, RATIO } from './random-change.ts';

const enforceAll = () => 'enforce' as const;
/** What only warns warns of events, which the way from one valid state to another may well be. */
const enforcedByDefault = ({ mode }: Pick<Rule, 'mode'>) => (mode === 'enforce' ? 'enforce' : 'off');
/** Within the ratio, at or above every gang's minimum, and all or nothing. */
const validRoles = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .integer({ min: 2, max: 9 })
      .chain((prefill) => fc.tuple(fc.constant(prefill), fc.integer({ min: prefill, max: 4 * prefill }))),
  },
  fc.constant([0, 0] as const),
);
const PROTECTED = 2;
const validGroups = fc.oneof(fc.constant(0), fc.integer({ min: PROTECTED, max: 10_000 }));

function validState(groups: number, [prefill, decode]: readonly [number, number], minimum: number | null): Workload {
  return serving(
    groups,
    { prefill: { replicas: prefill, gangMinimum: minimum }, decode: { replicas: decode, gangMinimum: minimum } },
    { partition: partition(PROTECTED) },
  );
}

test('a change of no count is never refused, whatever else it changes', () => {
  fc.assert(
    fc.property(anyWorkload, anyPartition, anyMinimum, anyUnlisted, (old, itsPartition, gangMinimum, rest) => {
      const next = { ...old, partition: itsPartition, roles: old.roles.map((role) => ({ ...role, gangMinimum })) };
      assert.deepEqual(judge(change(old, next, rest), enforceAll).findings, []);
    }),
  );
});

test('going to zero at both levels is never refused, unless somebody asks for more', () => {
  fc.assert(
    fc.property(anyWorkload, anyWorkload, anyWhole, (old, other, rest) => {
      fc.pre((rest.facts.owner?.asks?.replicas ?? 0) === 0);
      const next = { ...other, replicas: 0, roles: other.roles.map((role) => ({ ...role, replicas: 0 })) };
      assert.deepEqual(judge(change(old, next, rest), enforceAll).findings, []);
    }),
  );
});

test('a change of groups from a valid state to a valid one is allowed', () => {
  fc.assert(
    fc.property(validGroups, validGroups, validRoles, (from, to, roles) => {
      const minimum = roles[0] === 0 ? null : 2;
      const scaled = change(validState(from, roles, minimum), validState(to, roles, minimum), { ratio: RATIO });
      assert.deepEqual(judge(scaled, enforcedByDefault).findings, []);
    }),
  );
});

test('a change of roles from a valid state to a valid one is allowed', () => {
  fc.assert(
    fc.property(validGroups, validRoles, validRoles, (groups, from, to) => {
      const minimum = from[0] === 0 || to[0] === 0 ? null : 2;
      const scaled = change(validState(groups, from, minimum), validState(groups, to, minimum), { ratio: RATIO });
      assert.deepEqual(judge(scaled, enforcedByDefault).findings, []);
    }),
  );
});

test('coming back at both levels from zero to a valid state is allowed', () => {
  fc.assert(
    fc.property(validGroups, validRoles, (groups, roles) => {
      const minimum = roles[0] === 0 ? null : 2;
      const back = change(validState(0, [0, 0], minimum), validState(groups, roles, minimum), { ratio: RATIO });
      assert.deepEqual(judge(back, enforcedByDefault).findings, []);
    }),
  );
});

test('no rule depends on another: all together find what each finds alone', () => {
  fc.assert(
    fc.property(anyChange, (anything) => {
      const alone = rules.flatMap(
        ({ name }) => judge(anything, (rule) => (rule.name === name ? 'enforce' : 'off')).findings,
      );
      assert.deepEqual(judge(anything, enforceAll).findings, alone);
    }),
    { numRuns: 500 },
  );
});

test('modes decide what is told and whether it denies, never what is found', () => {
  const modes = fc.tuple(...rules.map(() => fc.constantFrom(...RULE_MODES)));
  fc.assert(
    fc.property(anyChange, modes, (anything, chosen) => {
      const byName = new Map(rules.map(({ name }, index) => [name, chosen[index] ?? 'off']));
      const modeOf = ({ name }: Pick<Rule, 'name'>) => byName.get(name) ?? 'off';
      const { allowed, findings } = judge(anything, modeOf);
      const expected = judge(anything, enforceAll)
        .findings.map(({ rule, message, mode: most }) => {
          const mode = modeOf({ name: rule });
          return { rule, message, mode: mode === 'enforce' ? most : mode };
        })
        .filter(({ mode }) => mode !== 'off');
      assert.deepEqual(findings, expected);
      assert.equal(allowed, !findings.some(({ mode }) => mode === 'enforce'));
    }),
    { numRuns: 500 },
  );
});

test('nothing is denied for want of one update that no one can make, and nothing else is let through for it', () => {
  fc.assert(
    fc.property(anyChange, (anything) => {
      const { facts, ratio } = anything;
      const pair = ratio === null ? ['prefill', 'decode'] : [ratio.numerator, ratio.denominator];
      const isScaled = pair.some((role) => facts.scalers.has(role));
      for (const { rule, mode } of judge(anything, enforceAll).findings) {
        assert.equal(mode, isScaled && ['pd-both-or-none', 'pd-ratio'].includes(rule) ? 'warn' : 'enforce', rule);
      }
    }),
    { numRuns: 500 },
  );
});

test('every message is one line that starts with the name of its rule', () => {
  fc.assert(
    fc.property(anyChange, (anything) => {
      for (const { rule, message } of judge(anything, enforceAll).findings) {
        assert.ok(
          message.startsWith(`${rule}: `) && !message.includes('\n') && !message.includes('undefined'),
          message,
        );
      }
    }),
    { numRuns: 500 },
  );
});

test('a state that breaks rules is found at most once: the same change again is allowed', () => {
  fc.assert(
    fc.property(anyChange, ({ next, facts, ...rest }) => {
      const { scaleDownList } = facts;
      const list = scaleDownList && { ...scaleDownList, before: scaleDownList.after };
      for (const { judge: judgeAlone } of rules) {
        const again = { ...rest, old: next, next, rollout: false, facts: { ...facts, scaleDownList: list } };
        assert.deepEqual(judgeAlone(countedChange(again)), []);
      }
    }),
  );
});

test('a change judged twice is judged alike, and its findings stand in the order of the rules', () => {
  const names = rules.map(({ name }) => name);
  fc.assert(
    fc.property(anyChange, (anything) => {
      const { findings } = judge(anything, enforceAll);
      assert.deepEqual(judge(structuredClone(anything), enforceAll).findings, findings);
      const places = findings.map(({ rule }) => names.indexOf(rule));
      assert.deepEqual(
        places,
        [...places].sort((a, b) => a - b),
      );
    }),
    { numRuns: 500 },
  );
});

/** The owner of a change, which asks for the counts that the change arrives at. */
function ownerOf({ replicas, roles }: Workload): OwnersWill {
  const counts = new Map(roles.map((role) => [role.name, role.replicas]));
  return { name: 'Deployment/default/web', asks: { replicas, roles: counts } };
}

function hasNumbersOnly({ replicas, roles }: Workload): boolean {
  return [replicas, ...roles.map((role) => role.replicas)].every((count) => !Number.isNaN(count));
}

test('counts that the owner asks for are never refused, nor roles that it gives whole, nor anything while nobody can tell what it asks', () => {
  fc.assert(
    fc.property(anyChange, anyWorkload, (anything, other) => {
      fc.pre(hasNumbersOnly(anything.next) && hasNumbersOnly(other));
      const ownedBy = (owner: OwnersWill, next = anything.next) => {
        const facts = { ...anything.facts, owner, scaleDownList: null };
        return judge({ ...anything, next, facts }, enforceAll).findings;
      };
      const counted = withCounts(anything.old, {
        replicas: other.replicas,
        roles: new Map(other.roles.map(({ name, replicas }) => [name, replicas])),
      });
      fc.pre(hasNumbersOnly(counted));
      assert.deepEqual(ownedBy(ownerOf(counted), counted), []);
      assert.deepEqual(ownedBy({ ...ownerOf(anything.next), roles: anything.next.roles }), []);
      assert.deepEqual(ownedBy({ ...ownerOf(anything.next), asks: null }), []);
    }),
  );
});

test('of a change that does more than the owner asks for, the rest is judged as if it came alone', () => {
  fc.assert(
    fc.property(anyChange, (anything) => {
      fc.pre(hasNumbersOnly(anything.next));
      const { replicas, roles } = anything.next;
      const owner = ownerOf(anything.next);
      const carriedOut = withCounts(anything.old, {
        replicas,
        roles: new Map(roles.map((role) => [role.name, role.replicas])),
      });
      const ownedBy = (old: Workload) => judge({ ...anything, old, facts: { ...anything.facts, owner } }, enforceAll);
      assert.deepEqual(ownedBy(anything.old), ownedBy(carriedOut));
    }),
  );
});

test('an owner that asks for no count excuses nothing', () => {
  const owner = { name: 'Deployment/default/web', asks: { replicas: null, roles: new Map() } };
  fc.assert(
    fc.property(anyChange, (anything) => {
      const ownedBy = (one: OwnersWill | null) =>
        judge({ ...anything, facts: { ...anything.facts, owner: one } }, enforceAll);
      assert.deepEqual(ownedBy(owner), ownedBy(null));
    }),
  );
});

test('a rule that looks at roles only finds nothing where they stay as they are', () => {
  const looking = rules.filter(({ looksAt }) => looksAt === 'roles');
  assert.ok(looking.length > 0);
  fc.assert(
    fc.property(anyChange, (any) => {
      const { old, next } = any;
      for (const rule of looking)
        assert.deepEqual(rule.judge(countedChange({ ...any, next: { ...next, roles: old.roles } })), [], rule.name);
    }),
  );
});
