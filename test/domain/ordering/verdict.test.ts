import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnersWill } from '../../../src/domain/ordering/facts.ts';
import { type Change, RULE_MODES, type Rule, type RuleMode } from '../../../src/domain/ordering/rule.ts';
import { judge } from '../../../src/domain/ordering/verdict.ts';
import { change, deployment, partition, serving } from '../../builders/workload.ts';

const byDefault = (rule: Rule) => rule.mode;
const always = (mode: RuleMode) => () => mode;

function except(name: string, mode: RuleMode): (rule: Rule) => RuleMode {
  return (rule) => (rule.name === name ? mode : rule.mode);
}

const decodeTooLow = change(
  serving(4, { prefill: 1, decode: { replicas: 3, gangMinimum: 2 } }),
  serving(4, { prefill: 1, decode: { replicas: 1, gangMinimum: 2 } }),
);
const GANG_FLOOR =
  'gang-floor: role decode would have 1 replica per group, its gang needs 2; ' +
  'scale groups instead, or create it anew with a smaller gang';

test('a change that no rule minds is allowed', () => {
  assert.deepEqual(judge(change(deployment(4), deployment(3)), byDefault), { allowed: true, findings: [] });
});

test('a finding of an enforced rule denies and names the rule', () => {
  assert.deepEqual(judge(decodeTooLow, byDefault), {
    allowed: false,
    findings: [{ rule: 'gang-floor', mode: 'enforce', message: GANG_FLOOR }],
  });
});

test('a finding of a rule at warn is told and allowed', () => {
  assert.deepEqual(judge(decodeTooLow, except('gang-floor', 'warn')), {
    allowed: true,
    findings: [{ rule: 'gang-floor', mode: 'warn', message: GANG_FLOOR }],
  });
});

test('a rule that is off finds nothing', () => {
  assert.deepEqual(judge(decodeTooLow, except('gang-floor', 'off')), { allowed: true, findings: [] });
});

test('scale-with-rollout only warns by default', () => {
  const { allowed, findings } = judge(change(deployment(4), deployment(3), { rollout: true }), byDefault);
  assert.equal(allowed, true);
  assert.deepEqual(
    findings.map(({ rule, mode }) => `${rule} ${mode}`),
    ['scale-with-rollout warn'],
  );
});

const everythingWrong = change(
  serving(
    4,
    { prefill: 1, decode: { replicas: 4, gangMinimum: 2 }, router: 2, cache: 1, a: 1, b: 1 },
    { partition: partition(3) },
  ),
  serving(
    2,
    { decode: { replicas: 0, gangMinimum: 2 }, prefill: 1, router: -1, cache: 1, a: 1, b: 5 },
    { partition: partition(3) },
  ),
  { rollout: true },
);

test('all findings are told at once, in the order of the rules', () => {
  const { allowed, findings } = judge(everythingWrong, byDefault);
  assert.equal(allowed, false);
  assert.deepEqual(
    findings.map(({ rule, mode }) => `${rule} ${mode}`),
    [
      'sane-counts enforce',
      'single-level enforce',
      'role-order enforce',
      'gang-floor enforce',
      'partition-floor enforce',
      'role-under-partition warn',
      'pd-both-or-none enforce',
      'scale-with-rollout warn',
    ],
  );
});

test('pd-ratio tells its finding beside the others', () => {
  const rules = judge(
    { ...everythingWrong, ...change(everythingWrong.old, everythingWrong.next, { ratio: 'a:b=1:1' }) },
    byDefault,
  ).findings.map(({ rule }) => rule);
  assert.deepEqual(rules, [
    'sane-counts',
    'single-level',
    'role-order',
    'gang-floor',
    'partition-floor',
    'role-under-partition',
    'pd-ratio',
  ]);
});

test('one enforced finding among warnings denies', () => {
  const { allowed, findings } = judge(everythingWrong, (rule) =>
    rule.name === 'partition-floor' ? 'enforce' : 'warn',
  );
  assert.equal(allowed, false);
  assert.deepEqual(
    findings.filter(({ mode }) => mode === 'enforce').map(({ rule }) => rule),
    ['partition-floor'],
  );
});

test('with every rule at warn everything is told and allowed', () => {
  const { allowed, findings } = judge(everythingWrong, always('warn'));
  assert.equal(allowed, true);
  assert.equal(findings.length, judge(everythingWrong, byDefault).findings.length);
});

test('with every rule off nothing is told', () => {
  assert.deepEqual(judge(everythingWrong, always('off')), { allowed: true, findings: [] });
});

const wrongAlready = serving(2, { prefill: 0, decode: { replicas: -1, gangMinimum: 2 } }, { partition: partition(3) });

interface Exemption {
  readonly name: string;
  readonly change: Change;
}

const EXEMPT: readonly Exemption[] = [
  { name: 'a no-op in a state that breaks rules', change: change(wrongAlready, wrongAlready) },
  {
    name: 'a rollout that changes no count',
    change: change(serving(4, { prefill: 1 }), serving(4, { prefill: 1 }), { rollout: true }),
  },
  {
    name: 'a minimum raised above a count that stays',
    change: change(
      serving(4, { decode: { replicas: 2, gangMinimum: 1 } }),
      serving(4, { decode: { replicas: 2, gangMinimum: 3 } }),
    ),
  },
  {
    name: 'a partition raised above a count that stays',
    change: change(
      serving(4, { decode: 2 }, { partition: partition(1) }),
      serving(4, { decode: 2 }, { partition: partition(5) }),
    ),
  },
  { name: 'no number that stays no number', change: change(deployment(Number.NaN), deployment(Number.NaN)) },
  {
    name: 'both levels going to zero together, past a gang, a partition and a ratio',
    change: change(
      serving(4, { prefill: 1, decode: { replicas: 4, gangMinimum: 2 } }, { partition: partition(3) }),
      serving(0, { prefill: 0, decode: { replicas: 0, gangMinimum: 2 } }, { partition: partition(3) }),
      { rollout: true, ratio: 'prefill:decode=1:4' },
    ),
  },
  {
    name: 'groups following roles to zero',
    change: change(serving(4, { decode: 0 }), serving(0, { decode: 0 }), { rollout: true }),
  },
  {
    name: 'roles following groups to zero',
    change: change(
      serving(0, { decode: { replicas: 2, gangMinimum: 2 } }),
      serving(0, { decode: { replicas: 0, gangMinimum: 2 } }),
    ),
  },
];

for (const { name, change: exempt } of EXEMPT) {
  test(`never refused: ${name}`, () => {
    assert.deepEqual(judge(exempt, always('enforce')), { allowed: true, findings: [] });
  });
}

const PARTS: readonly (Exemption & { readonly rule: string })[] = [
  {
    name: 'a scaling group of a gang that needs it',
    change: change(deployment(3, { gangMinimum: 2 }), deployment(0, { gangMinimum: 2 })),
    rule: 'gang-floor',
  },
  {
    name: 'a target of a ResourceScalingGroup',
    change: change(deployment(3), deployment(0), {
      facts: { memberOf: { name: 'ResourceScalingGroup/llm/chat', asks: null } },
    }),
    rule: 'fixed-ratio-members',
  },
];

for (const { name, change: part, rule } of PARTS) {
  test(`judged at zero too, for the rest is still there: ${name}`, () => {
    assert.deepEqual(
      judge(part, byDefault).findings.map((finding) => finding.rule),
      [rule],
    );
  });
}

const REDRAWN: readonly (Exemption & { readonly rule: string })[] = [
  {
    name: 'workers',
    change: change(serving(4, { decode: { workers: 1 } }), serving(4, { decode: { workers: 2 } })),
    rule: 'worker-resize',
  },
  {
    name: 'dependencies',
    change: change(serving(4, { decode: 1 }), serving(4, { decode: { dependencies: ['decode'] } })),
    rule: 'dependency-graph',
  },
  {
    name: 'the order of roles that only scalers count',
    change: change(serving(1, {}, { roleOrder: ['a', 'b'] }), serving(1, {}, { roleOrder: ['b', 'a'] })),
    rule: 'role-order',
  },
  {
    name: 'the list of groups to delete',
    change: change(deployment(4), deployment(4), {
      facts: { scaleDownList: { before: [], after: ['group0', 'group1'], groups: null, own: 'group0' } },
    }),
    rule: 'scale-down-list',
  },
];

for (const { name, change: redrawn, rule } of REDRAWN) {
  test(`judged though no count changes: ${name}`, () => {
    assert.deepEqual(
      judge(redrawn, byDefault).findings.map((finding) => finding.rule),
      [rule],
    );
  });
}

const asksDecode = (decode: number, rest: Partial<OwnersWill> = {}): OwnersWill => ({
  name: 'RoleBasedGroupScalingAdapter/llm/chat-decode',
  asks: { replicas: null, roles: new Map([['decode', decode]]) },
  ...rest,
});
const CYCLE = { router: { dependencies: ['decode'] }, decode: { dependencies: ['router'] } };

const BESIDE: readonly (Exemption & { readonly finds: readonly string[] })[] = [
  {
    name: 'the number itself, which other rules would refuse',
    change: change(serving(1, { decode: 2 }), serving(1, { decode: 20_000 }), { facts: { owner: asksDecode(20_000) } }),
    finds: [],
  },
  {
    name: 'a circle of dependencies while the number stays as it is',
    change: change(serving(1, { router: 1, decode: { dependencies: ['router'] } }), serving(1, CYCLE), {
      facts: { owner: asksDecode(1) },
    }),
    finds: ['dependency-graph'],
  },
  {
    name: 'a circle of dependencies with the number',
    change: change(serving(1, { router: 1, decode: 3 }), serving(1, CYCLE), { facts: { owner: asksDecode(1) } }),
    finds: ['dependency-graph'],
  },
  {
    name: 'the first role replaced',
    change: change(serving(1, { router: 1, decode: 1 }), serving(1, { decode: 1 }), {
      facts: { owner: asksDecode(1) },
    }),
    finds: ['role-order'],
  },
  {
    name: 'other workers',
    change: change(serving(1, { decode: { workers: 1 } }), serving(1, { decode: { workers: 2 } }), {
      facts: { owner: asksDecode(1) },
    }),
    finds: ['worker-resize'],
  },
  {
    name: 'another role at zero',
    change: change(serving(1, { prefill: 1, decode: 2 }), serving(1, { prefill: 0, decode: 3 }), {
      facts: { owner: asksDecode(3) },
    }),
    finds: ['pd-both-or-none'],
  },
  {
    name: 'one of two numbers, before the other',
    change: change(serving(1, { prefill: 1, decode: 1 }), serving(1, { prefill: 1, decode: 0 }), {
      facts: {
        owner: asksDecode(0, {
          asks: {
            replicas: null,
            roles: new Map([
              ['prefill', 0],
              ['decode', 0],
            ]),
          },
        }),
      },
    }),
    finds: [],
  },
  {
    name: 'roles that it gives whole',
    change: change(serving(1, { prefill: 1, decode: 1 }), serving(1, CYCLE), {
      facts: { owner: asksDecode(1, { roles: serving(1, CYCLE).roles }) },
    }),
    finds: [],
  },
  {
    name: 'roles other than those that it gives whole',
    change: change(serving(1, { router: 1, decode: 1 }), serving(1, CYCLE), {
      facts: { owner: asksDecode(1, { roles: serving(1, { decode: 1 }).roles }) },
    }),
    finds: ['dependency-graph'],
  },
];

for (const { name, change: asked, finds } of BESIDE) {
  test(`what the owner asks for excuses itself and nothing beside it: ${name}`, () => {
    assert.deepEqual(
      judge(asked, byDefault).findings.map(({ rule }) => rule),
      finds,
    );
  });
}

test('a new order of roles is a change even if no count is', () => {
  const reordered = change(serving(4, { prefill: 1, decode: 1 }), serving(4, { decode: 1, prefill: 1 }));
  assert.deepEqual(
    judge(reordered, byDefault).findings.map(({ rule }) => rule),
    ['role-order'],
  );
});

test('groups to zero with a role left is judged', () => {
  const partly = change(serving(4, { prefill: 1, decode: 1 }), serving(0, { prefill: 0, decode: 1 }));
  assert.deepEqual(
    judge(partly, byDefault).findings.map(({ rule }) => rule),
    ['pd-both-or-none'],
  );
});

test('the modes are asked with the rule, so that its default is at hand', () => {
  const asked: string[] = [];
  judge(change(deployment(4), deployment(3)), (rule) => {
    asked.push(`${rule.name} ${RULE_MODES.includes(rule.mode)}`);
    return rule.mode;
  });
  assert.equal(asked[0], 'sane-counts true');
  assert.equal(asked.at(-1), 'vacancy true');
});
