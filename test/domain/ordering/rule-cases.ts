import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CountedChange, Rule } from '../../../src/domain/ordering/rule.ts';

/** What a rule must say to a change: a sentence a violation, none when it is allowed. */
export interface RuleCase {
  readonly name: string;
  readonly change: CountedChange;
  readonly finds: readonly string[];
}

/** One test a case, named `<rule>: <sentence>`. */
export function testRule(rule: Rule, cases: readonly RuleCase[]): void {
  for (const { name, change, finds } of cases) {
    test(`${rule.name}: ${name}`, () => assert.deepEqual(rule.judge(change), finds));
  }
}
