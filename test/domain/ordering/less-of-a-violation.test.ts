import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Workload } from '../../../src/domain/fleet/workload.ts';
import { ruleNamed } from '../../../src/domain/ordering/rules.ts';
import { type ChangeFields, change, partition, serving } from '../../builders/workload.ts';

const RATIO = 'prefill:decode=1:4..1:1';
const ROLES = ['prefill', 'decode', 'router'];

/** States that break one rule more and more: at 0 not at all, at 3 the most. */
interface Lever {
  readonly rule: string;
  readonly state: (severity: number) => Workload;
  readonly fields?: ChangeFields;
}

const asking = { owner: { name: 'Deployment/default/web', asks: { replicas: 4, roles: new Map() } } };
const LEVERS: readonly Lever[] = [
  { rule: 'sane-counts', state: (severity) => serving(-severity, { decode: 1 }) },
  { rule: 'sane-counts', state: (severity) => serving(10_000 + severity, { decode: 1 }) },
  { rule: 'sane-counts', state: (severity) => serving(2, { decode: -severity }) },
  { rule: 'gang-floor', state: (severity) => serving(2, { decode: { replicas: 4 - severity, gangMinimum: 4 } }) },
  { rule: 'gang-floor', state: (severity) => serving(4 - severity, { decode: 1 }, { gangMinimum: 4 }) },
  { rule: 'partition-floor', state: (severity) => serving(4 - severity, { decode: 1 }, { partition: partition(4) }) },
  { rule: 'pd-ratio', state: (severity) => serving(2, { prefill: 1, decode: 4 + severity }), fields: { ratio: RATIO } },
  { rule: 'pd-ratio', state: (severity) => serving(2, { prefill: 4 + severity, decode: 4 }), fields: { ratio: RATIO } },
  {
    rule: 'dependency-zero',
    state: (severity) => {
      const roles = ROLES.map((name, index) => [name, { replicas: index < severity ? 1 : 0, dependencies: ['cache'] }]);
      return serving(2, { cache: 0, ...Object.fromEntries(roles) });
    },
  },
  {
    rule: 'dependency-graph',
    state: (severity) =>
      serving(
        2,
        Object.fromEntries(ROLES.map((name, index) => [name, { dependencies: index < severity ? [name] : [] }])),
      ),
  },
  { rule: 'owned', state: (severity) => serving(4 + severity, { decode: 1 }), fields: { facts: asking } },
  { rule: 'owned', state: (severity) => serving(4 - severity, { decode: 1 }), fields: { facts: asking } },
  {
    rule: 'fixed-ratio-members',
    state: (severity) => serving(4 + severity, { decode: 1 }),
    fields: { facts: { memberOf: { name: 'ResourceScalingGroup/default/pair', asks: 4 } } },
  },
];

for (const [index, { rule: name, state, fields }] of LEVERS.entries()) {
  test(`${name}: a change that only reduces a violation is never refused, one that makes it worse always (${index})`, () => {
    const rule = ruleNamed(name);
    assert.ok(rule);
    for (const from of [0, 1, 2, 3]) {
      for (const to of [0, 1, 2, 3]) {
        const isRefused: boolean = rule.judge(change(state(from), state(to), fields)).length > 0;
        assert.equal(isRefused, to > from, `from ${from} to ${to}`);
      }
    }
  });
}
