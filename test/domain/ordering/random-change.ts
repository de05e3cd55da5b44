import fc from 'fast-check';
import type { IntOrPercent, Role, Workload } from '../../../src/domain/fleet/workload.ts';
import type { Facts, Observed, OwnersWill } from '../../../src/domain/ordering/facts.ts';
import type { Change } from '../../../src/domain/ordering/rule.ts';
import { change, partition, serving } from '../../builders/workload.ts';

export const RATIO = 'prefill:decode=1:4..1:1';

const anyCount = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 6 }) },
  fc.constantFrom(-2, -1, 2.5, Number.NaN, 10_000, 10_001, 20_000),
);
export const anyMinimum = fc.option(fc.integer({ min: 0, max: 5 }));
export const anyPartition: fc.Arbitrary<IntOrPercent | null> = fc.option(
  fc.oneof(fc.integer({ min: 0, max: 5 }).map(partition), fc.constantFrom(partition('0%'), partition('50%'))),
);
const ROLES = ['prefill', 'decode', 'router'];
const anyDependencies = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  fc.uniqueArray(fc.constantFrom(...ROLES, 'cache'), { maxLength: 2 }),
);
const anyRole = (name: string): fc.Arbitrary<Role> =>
  fc.record({
    name: fc.constant(name),
    replicas: anyCount,
    workers: fc.nat({ max: 2 }),
    gangMinimum: anyMinimum,
    partition: anyPartition,
    dependencies: anyDependencies,
  });
const anyRoles: fc.Arbitrary<readonly Role[]> = fc
  .shuffledSubarray(ROLES)
  .chain((names) => fc.tuple(...names.map(anyRole)));
export const anyWorkload: fc.Arbitrary<Workload> = fc
  .tuple(anyCount, anyRoles, anyPartition)
  .map(([replicas, roles, itsPartition]) => serving(replicas, {}, { roles, partition: itsPartition }));
const anyOwner: fc.Arbitrary<OwnersWill> = fc.record({
  name: fc.constant('Deployment/default/web'),
  asks: fc.option(
    fc.record({
      replicas: fc.option(fc.nat({ max: 6 })),
      roles: fc.nat({ max: 6 }).map((replicas) => new Map([['decode', replicas]])),
    }),
  ),
});
const anyObserved: fc.Arbitrary<Observed> = fc.record({
  wanted: fc.nat({ max: 6 }),
  present: fc.nat({ max: 6 }),
  ready: fc.nat({ max: 6 }),
  starting: fc.nat({ max: 2 }),
  deleting: fc.nat({ max: 2 }),
  missing: fc.subarray(['llama-0', 'llama-1']),
  age: fc.option(fc.constantFrom(0, 299_999, 300_000)),
});
const anyList = fc.array(fc.constantFrom('group0', 'group1', 'group2', 'group9'), { maxLength: 4 });
const anyFacts: fc.Arbitrary<Facts> = fc.record({
  owner: fc.option(anyOwner, { freq: 3 }),
  scalers: fc
    .subarray(ROLES, { maxLength: 2 })
    .map((roles) => new Map(roles.map((role) => [role, `Scaler/default/${role}`]))),
  memberOf: fc.option(
    fc.record({ name: fc.constant('ResourceScalingGroup/default/pair'), asks: fc.option(fc.nat({ max: 6 })) }),
  ),
  observed: fc
    .tuple(fc.subarray([null, ...ROLES]), fc.array(anyObserved, { minLength: 4, maxLength: 4 }))
    .map(
      ([counts, seen]) =>
        new Map(counts.flatMap((count, index) => seen.slice(index, index + 1).map((one) => [count, one]))),
    ),
  revision: fc.option(
    anyRoles.map((roles) => ({
      namespace: 'default',
      name: 'llama-1',
      owner: 'uid-of-llama',
      created: 0,
      roles,
    })),
  ),
  anchorRole: fc.option(fc.constantFrom(...ROLES)),
  room: fc.option(fc.nat({ max: 3 })),
  rolesAreTemplates: fc.boolean(),
  scaleDownList: fc.option(
    fc.record({
      before: anyList,
      after: anyList,
      groups: fc.option(fc.constant(['group0', 'group1', 'group2'])),
      own: fc.option(fc.constant('group0')),
    }),
  ),
});
const anyRest = fc.tuple(fc.boolean(), fc.boolean(), anyFacts).map(([rollout, hasRatio, facts]) => ({
  rollout,
  facts,
  ...(hasRatio ? { ratio: RATIO } : {}),
}));
/** What is no part of anything greater: at zero it is all at zero. */
export const anyWhole = anyRest.map(({ facts, ...rest }) => ({ ...rest, facts: { ...facts, memberOf: null } }));
/** A change that leaves the list as it is. */
export const anyUnlisted = anyRest.map(({ facts, ...rest }) => ({ ...rest, facts: { ...facts, scaleDownList: null } }));
export const anyChange: fc.Arbitrary<Change> = fc
  .tuple(anyWorkload, anyWorkload, anyRest)
  .map(([old, next, rest]) => change(old, next, rest));
