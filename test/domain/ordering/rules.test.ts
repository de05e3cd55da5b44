import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ruleNamed, rules } from '../../../src/domain/ordering/rules.ts';

test('the rules stand in the order of their table, with its defaults', () => {
  assert.deepEqual(
    rules.map(({ name, mode }) => `${name} ${mode}`),
    [
      'sane-counts enforce',
      'single-level enforce',
      'role-order enforce',
      'gang-floor enforce',
      'partition-floor enforce',
      'partition-shift warn',
      'role-under-partition warn',
      'pd-both-or-none enforce',
      'pd-ratio enforce',
      'dependency-zero enforce',
      'dependency-graph enforce',
      'dependency-order warn',
      'scale-down-list enforce',
      'fixed-ratio-members enforce',
      'doomed-scale-up warn',
      'owned enforce',
      'hpa-anchor warn',
      'scale-with-rollout warn',
      'reversal warn',
      'cooldown off',
      'worker-resize warn',
      'gang-deadlock warn',
      'vacancy warn',
    ],
  );
});

test('a rule is found by its name', () => {
  for (const rule of rules) assert.equal(ruleNamed(rule.name), rule);
});

test('a name of no rule finds none', () => {
  assert.equal(ruleNamed('gang-flor'), undefined);
});

test('every rule says what it refuses and why', () => {
  for (const { name, refuses, why } of rules) {
    assert.notEqual(refuses, '', name);
    assert.match(why, /^[A-Z].*\.$/, name);
  }
});
