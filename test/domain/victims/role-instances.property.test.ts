import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { afterWrite, type CostWrite } from '../../../src/domain/fleet/cost-write.ts';
import type { Instance } from '../../../src/domain/fleet/instance.ts';
import { costOwnership } from '../../../src/domain/fleet/pod.ts';
import type { Plan } from '../../../src/domain/victims/plan.ts';
import { POLICIES } from '../../../src/domain/victims/policies.ts';
import { readIntOrPercent } from '../../../src/workloads/core/int-or-percent.ts';
import { fleetOf, NOW, ours, planOf, podOf, scaleTo, theirs } from '../../builders/fleet.ts';
import { deployment } from '../../builders/workload.ts';
import { heldBack, roleInstanceVictims } from '../../oracle/role-instances.ts';
import { assertLegalThroughout, isSteered, landingOrders, outlineOf, runs, shuffled } from './properties.ts';

const MIN_READY_SECONDS = 60;
const MOST = 12;
const RBG = 'workloads.x-k8s.io';

const often = <T>(usual: T, arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary });

const anyInstance = fc.record({
  node: fc.nat(4),
  components: often(2, fc.nat(3)),
  ready: often(true, fc.constant(false)),
  /** Seconds; null is a time that nobody wrote down. */
  readyFor: fc.constantFrom(9000, 9000, 61, 59, null),
  deleting: often(false, fc.boolean()),
  told: often(false, fc.boolean()),
  cost: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 100 }).map(ours) },
    { weight: 3, arbitrary: fc.constant({ cost: null, costOwner: null }) },
    { weight: 1, arbitrary: fc.constantFrom('-7', '-2147483648', '0', '5', '60', '+12', '007', 'x', '').map(theirs) },
  ),
});

const draws = fc.record({
  instances: fc.array(anyInstance, { minLength: 1, maxLength: MOST, size: 'max' }),
  /** Of a rollout that it holds: as many as it says are of the old revision. */
  partition: often(undefined, fc.oneof(fc.nat(8), fc.constantFrom('0%', '25%', '50%', '99%', '100%'))),
  ages: fc.uniqueArray(fc.integer({ min: 1, max: 100_000 }), { minLength: MOST, maxLength: MOST }),
  /**
   * Scale-downs that came before: by how many, whether packdown steered them, and whether the controller has acted on
   * them.
   */
  steps: fc.array(
    fc.record({ drop: fc.integer({ min: 1, max: 3 }), steered: often(true, fc.boolean()), deleted: fc.boolean() }),
    { maxLength: 3 },
  ),
  to: fc.nat(MOST),
  policy: fc.constantFrom(...POLICIES),
  seed: fc.nat(1_000_000),
});
type Draw = typeof draws extends fc.Arbitrary<infer Drawn> ? Drawn : never;

const setOf = (replicas: number, { partition }: Draw) =>
  deployment(replicas, {
    group: RBG,
    kind: 'RoleInstanceSet',
    name: 'set',
    uid: 'uid-of-set',
    annotations: { 'rbg.workloads.x-k8s.io/role-instance-pattern': 'Stateless' },
    minReadySeconds: MIN_READY_SECONDS,
    partition: readIntOrPercent(partition),
    updateRevision: 'new',
  });

function instancesOf({ instances, ages, partition }: Draw): readonly Instance[] {
  const live = instances.flatMap(({ deleting }, index) => (deleting ? [] : [index]));
  const old = new Set(live.slice(0, heldBack(partition, live.length)));
  return instances.map(({ components, ready, readyFor, deleting, told, cost }, index) => ({
    place: {
      group: RBG,
      kind: 'RoleInstance',
      resource: 'roleinstances',
      annotation: 'controller.kubernetes.io/instance-deletion-cost',
    },
    namespace: 'default',
    name: `i${index}`,
    uid: `uid-of-i${index}`,
    labels: {},
    controller: { apiVersion: `${RBG}/v1alpha2`, kind: 'RoleInstanceSet', name: 'set', uid: 'uid-of-set' },
    revision: old.has(index) ? 'old' : 'new',
    components,
    ready,
    readySince: ready && readyFor !== null ? NOW - readyFor * 1000 : null,
    created: NOW - (ages[index] ?? 0) * 60_000,
    deleting,
    // Told to delete some, it counts anew once they are gone.
    goesFirst: told && old.size === 0,
    victim: null,
    ...cost,
  }));
}

function fleet(draw: Draw, instances: readonly Instance[], replicas: number, seed = 0) {
  const pods = draw.instances.map(({ node }, index) =>
    podOf(`i${index}-0`, {
      node: `n${node}`,
      controller: { apiVersion: `${RBG}/v1alpha2`, kind: 'RoleInstance', name: `i${index}`, uid: `uid-of-i${index}` },
    }),
  );
  const index = fleetOf(pods, [setOf(replicas, draw)]);
  for (const instance of shuffled(instances, seed)) index.putInstance(instance);
  return index;
}

function costed(instances: readonly Instance[], writes: readonly CostWrite[]): readonly Instance[] {
  const written = new Map(writes.map((write) => [write.carrier.uid, write]));
  return instances.map((instance) => {
    const write = written.get(instance.uid);
    return write === undefined ? instance : afterWrite({ ...write, carrier: instance }, NOW);
  });
}

function gone({ partition }: Draw, instances: readonly Instance[], wanted: number): ReadonlySet<string> {
  const seen = instances.map(({ readySince, cost, goesFirst, revision, ...rest }) => ({
    ...rest,
    readySince: readySince ?? undefined,
    cost: cost ?? undefined,
    told: goesFirst,
    updated: revision === 'new',
  }));
  return new Set(roleInstanceVictims(seen, wanted, { now: NOW, minReadySeconds: MIN_READY_SECONDS, partition }));
}

function planned(draw: Draw) {
  let instances = instancesOf(draw);
  let replicas = instances.filter(({ deleting }) => !deleting).length;
  for (const { drop, steered, deleted } of draw.steps) {
    const to = Math.max(0, replicas - drop);
    const { writes } = planOf(scaleTo(setOf(replicas, draw), to), fleet(draw, instances, replicas), draw.policy);
    if (steered) instances = costed(instances, writes);
    replicas = to;
    const going = deleted ? gone(draw, instances, to) : new Set<string>();
    instances = instances.map((one) => (going.has(one.name) ? { ...one, deleting: true } : one));
  }
  // Where more was told to go than is wanted, its controller is about to make up for it.
  replicas = Math.min(replicas, instances.filter(({ deleting }) => !deleting).length);
  const to = draw.to % (replicas + 1);
  fc.pre(to < replicas);
  const plan = planOf(scaleTo(setOf(replicas, draw), to), fleet(draw, instances, replicas), draw.policy);
  return { instances, replicas, to, plan, named: namesOf(plan) };
}

function namesOf({ victims }: Plan): ReadonlySet<string> {
  return new Set(victims.map(({ candidate }) => candidate.name));
}

test('the RoleInstances that the plan names, and no others, go when a stateless RoleInstanceSet shrinks', () => {
  fc.assert(
    fc.property(draws, (draw) => {
      const { instances, replicas, to, plan, named } = planned(draw);
      assert.ok(isSteered(plan) || plan.writes.length === 0);
      const before = gone(draw, instances, replicas);
      const after = costed(instances, plan.writes);
      assert.deepEqual([...gone(draw, after, to)].sort(), [...new Set([...before, ...named])].sort());
      assert.deepEqual(gone(draw, after, replicas), before, 'the new costs change what goes at the old count');
    }),
    runs(2000),
  );
});

test('every write brings the order of RoleInstances nearer to the plan, in whatever order those of a stage land', () => {
  fc.assert(
    fc.property(draws, (draw) => {
      const { instances, to, plan, named } = planned(draw);
      for (const order of landingOrders(plan, draw.seed)) {
        assertLegalThroughout(order, [...named], (landed) => gone(draw, costed(instances, landed), to));
      }
    }),
    runs(1000),
  );
});

test('no cost of somebody else on a RoleInstance is written over, and without one all are steered', () => {
  fc.assert(
    fc.property(draws, (draw) => {
      const { instances, plan } = planned(draw);
      for (const { carrier } of plan.writes) assert.notEqual(costOwnership(carrier), 'other');
      // What a controller was told without us and has not done yet goes by costs that nothing may fit below.
      const isKnown = draw.steps.every(({ steered, deleted }) => steered || deleted);
      const isOurs = instances.every((one) => costOwnership(one) !== 'other');
      if (isKnown && isOurs) assert.ok(isSteered(plan), plan.warnings[0]);
    }),
    runs(1000),
  );
});

test('the same request twice names the same RoleInstances and writes nothing, in whatever order they are seen', () => {
  fc.assert(
    fc.property(draws, (draw) => {
      const { instances, replicas, to, plan, named } = planned(draw);
      fc.pre(isSteered(plan));
      const request = scaleTo(setOf(replicas, draw), to);
      const again = planOf(request, fleet(draw, costed(instances, plan.writes), replicas, draw.seed), draw.policy);
      assert.deepEqual(namesOf(again), named);
      assert.deepEqual(outlineOf(again).writes, []);
    }),
    runs(1000),
  );
});
