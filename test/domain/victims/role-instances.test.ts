import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Instance } from '../../../src/domain/fleet/instance.ts';
import { type Candidate, type Pool, writtenCosts } from '../../../src/domain/victims/pool.ts';
import { roleInstances } from '../../../src/domain/victims/role-instances.ts';
import { fleetOf, NOW, ours, podOf, theirs } from '../../builders/fleet.ts';
import { candidate, poolOf } from '../../builders/pool.ts';
import { serving } from '../../builders/workload.ts';

const place = {
  group: 'workloads.x-k8s.io',
  kind: 'RoleInstance',
  resource: 'roleinstances',
  annotation: 'controller.kubernetes.io/instance-deletion-cost',
};

function instanceOf(name: string, rest: Partial<Instance> = {}): Instance {
  return {
    place,
    namespace: 'default',
    name,
    uid: `uid-of-${name}`,
    labels: {},
    controller: null,
    revision: 'r1',
    components: 1,
    ready: true,
    readySince: NOW - 3_600_000,
    created: NOW - 3_600_000,
    deleting: false,
    goesFirst: false,
    cost: null,
    costOwner: null,
    victim: null,
    ...rest,
  };
}

function members(instances: Readonly<Record<string, Partial<Instance>>>): readonly Candidate[] {
  return Object.entries(instances).map(([name, fields], ordinal) =>
    candidate(ordinal, [podOf(`${name}-0`)], {
      name,
      group: name,
      carrier: instanceOf(name, fields),
      goesFirst: fields.goesFirst ?? false,
    }),
  );
}

const CASES: readonly {
  readonly name: string;
  readonly instances: Readonly<Record<string, Partial<Instance>>>;
  readonly order: readonly string[];
  readonly minReadySeconds?: number;
}[] = [
  {
    name: 'fewer components with a status go before any readiness',
    instances: { a: { components: 2 }, b: { components: 1 }, c: { components: 0, ready: false } },
    order: ['c', 'b', 'a'],
  },
  {
    name: 'what its controller was told to delete goes before what has no component, and before any cost',
    instances: { a: { components: 0, ready: false }, b: { goesFirst: true, ...theirs(99) }, c: theirs(-99) },
    order: ['b', 'a', 'c'],
  },
  {
    name: 'not ready goes before any cost',
    instances: { a: theirs(-5), b: { ready: false, ...theirs(99) } },
    order: ['b', 'a'],
  },
  {
    name: 'not ready for long enough goes before any cost',
    instances: { a: theirs(-5), b: { readySince: NOW - 59_999, ...theirs(99) }, c: { readySince: NOW - 60_000 } },
    order: ['b', 'a', 'c'],
    minReadySeconds: 60,
  },
  {
    name: 'the lower cost goes first',
    instances: { a: theirs(35), b: theirs(10), c: theirs(30), d: {} },
    order: ['d', 'b', 'c', 'a'],
  },
  {
    name: 'a cost with a plus or a leading zero counts 0',
    instances: { a: theirs('+10'), b: theirs('-1'), c: theirs('008'), d: theirs(1) },
    order: ['b', 'a', 'c', 'd'],
  },
  {
    name: 'of equal costs the newest goes first',
    instances: { a: { created: NOW - 9000 }, b: { created: NOW - 1000 }, c: { created: NOW - 5000 } },
    order: ['b', 'c', 'a'],
  },
];

for (const { name, instances, order, minReadySeconds = 0 } of CASES) {
  test(`of RoleInstances, ${name}`, () => {
    const request = { workload: serving(1, {}, { minReadySeconds }), role: null, from: 2, to: 1 };
    const pool = poolOf(roleInstances, members(instances), { request });
    assert.deepEqual(
      roleInstances.order(pool, writtenCosts).map((member) => member.name),
      order,
    );
  });
}

const anyInstance = fc.record({
  goesFirst: fc.boolean(),
  components: fc.constantFrom(0, 1, 2),
  ready: fc.boolean(),
  created: fc.integer({ min: 1, max: 5 }).map((minutes) => NOW - minutes * 60_000),
  cost: fc.option(fc.integer({ min: -50, max: 50 }), { nil: null }),
});

test('where costs decide, an encoding makes exactly the chosen RoleInstances go, step by step', () => {
  fc.assert(
    fc.property(fc.array(anyInstance, { minLength: 2, maxLength: 7 }), fc.nat(), (drawn, seed) => {
      const entries = drawn.map(({ cost, ...rest }, index): [string, Partial<Instance>] => [
        `i${index}`,
        { ...rest, ...(cost === null ? {} : ours(cost)) },
      ]);
      const candidates = members(Object.fromEntries(entries));
      const wanted = 1 + (seed % (candidates.length - 1));
      const pool = poolOf(roleInstances, candidates, { wanted });
      const chosen = choose(pool, candidates.length - wanted, seed);
      const encoding = roleInstances.encode(pool, [], chosen, () => 1);
      assert.ok(encoding.ok);
      const written = new Map<string, string>();
      const gone = () =>
        roleInstances
          .victims(pool, wanted, (carrier) => written.get(carrier.uid) ?? carrier.cost)
          .map(({ name }) => name);
      const right = () => gone().filter((name) => chosen.some((one) => one.name === name)).length;
      let before = right();
      for (const { carrier, cost } of encoding.costs) {
        written.set(carrier.uid, String(cost));
        assert.ok(right() >= before);
        before = right();
      }
      assert.deepEqual(gone().sort(), chosen.map(({ name }) => name).sort());
    }),
  );
});

/** Whatever ranks lowest must go; of the last rank that goes, any. */
function choose(pool: Pool, count: number, seed: number): readonly Candidate[] {
  const rankOf = (member: Candidate) => roleInstances.rank(member, pool);
  const byRank = [...pool.candidates].sort((a, b) => rankOf(a) - rankOf(b));
  const last = rankOf(byRank[count - 1] ?? byRank[0] ?? pool.candidates[0] ?? fail());
  const forced = byRank.filter((member) => rankOf(member) < last);
  const free = byRank.filter((member) => rankOf(member) === last);
  const from = seed % free.length;
  return [...forced, ...[...free.slice(from), ...free.slice(0, from)].slice(0, count - forced.length)];
}

function fail(): never {
  throw new RangeError('a pool without candidates');
}

test('what is ready but not for long enough yet goes all the same when it is by the time the controller looks', () => {
  const instances = { victim: { readySince: NOW - 59_000, created: NOW - 7_200_000 }, stays: {} };
  const request = { workload: serving(1, {}, { minReadySeconds: 60 }), role: null, from: 2, to: 1 };
  const pool = poolOf(roleInstances, members(instances), { request });
  const encoding = roleInstances.encode(pool, [], pool.candidates.slice(0, 1), () => 1);
  assert.ok(encoding.ok);
  const costs = new Map(encoding.costs.map(({ carrier, cost }) => [carrier.name, String(cost)]));
  const later = { ...pool, now: NOW + 1000 };
  const goes = roleInstances.victims(later, 1, (carrier) => costs.get(carrier.name) ?? carrier.cost);
  assert.deepEqual(
    goes.map(({ name }) => name),
    ['victim'],
  );
});

test('an instance of somebody else’s cost cannot be lowered, and the sentence says whose it is', () => {
  const pool = poolOf(roleInstances, members({ a: {}, b: theirs(9) }));
  const encoding = roleInstances.encode(pool, [], pool.candidates.slice(1), () => 1);
  assert.deepEqual(encoding, { ok: false, reason: 'the cost 9 of RoleInstance b was written by somebody else' });
});

test('a fleet tells instances by their controller, and forgets them', () => {
  const fleet = fleetOf([]);
  const controller = { apiVersion: 'workloads.x-k8s.io/v1alpha2', kind: 'RoleInstanceSet', name: 's', uid: 'u' };
  fleet.putInstance(instanceOf('a', { controller }));
  fleet.putInstance(instanceOf('a', { controller, cost: '7' }));
  assert.deepEqual(
    fleet.instancesOf('u').map(({ cost }) => cost),
    ['7'],
  );
  fleet.deleteInstance('default', 'a');
  assert.deepEqual(
    [fleet.instancesOf('u'), fleet.instance('default', 'a'), [...fleet.instances()]],
    [[], undefined, []],
  );
});
