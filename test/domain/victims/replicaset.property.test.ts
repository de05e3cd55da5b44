import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isActive, type Pod } from '../../../src/domain/fleet/pod.ts';
import { afterWrites, fleetOf, NOW, planOf, scaleTo } from '../../builders/fleet.ts';
import { replicaSetGone } from './oracle-view.ts';
import {
  assertLegalThroughout,
  assertWritable,
  landingOrders,
  newcomers,
  outlineOf,
  runs,
  shuffled,
} from './properties.ts';
import { drawnReplicaSets, drawnReplicas, type ReplicaSetDraw, replicaSetDraw } from './random-replicaset.ts';

function planned(draw: ReplicaSetDraw) {
  const { own, siblings } = drawnReplicas(draw);
  const { own: drawn, sibling } = drawnReplicaSets(draw);
  const related = draw.siblings === null ? null : siblings;
  const fleet = (pods: readonly Pod[]) => fleetOf([...pods, ...siblings], [drawn, sibling]);
  const gone = (pods: readonly Pod[], replicas: number) =>
    replicaSetGone(pods, pods.filter(isActive).length - replicas, NOW, related);

  let replicas = own.filter(isActive).length;
  let pods = own;
  for (const { drop, steered, deleted } of draw.steps) {
    const to = Math.max(0, replicas - drop);
    const { writes } = planOf(scaleTo({ ...drawn, replicas }, to), fleet(pods), draw.policy);
    if (steered) pods = afterWrites(pods, writes);
    replicas = to;
    const going = deleted ? gone(pods, replicas) : new Set<string>();
    pods = pods.map((pod) => (going.has(pod.name) ? { ...pod, deleting: true } : pod));
  }
  const to = draw.to % (replicas + 1);
  fc.pre(to < replicas);
  const request = scaleTo({ ...drawn, replicas }, to);
  const plan = planOf(request, fleet(pods), draw.policy);
  const named = new Set(plan.victims.map(({ candidate }) => candidate.name));
  return { pods, fleet, gone, request, plan, named, replicas, to, steered: plan.warnings.length === 0 };
}

test('the pods that the plan names, and no others, go when the ReplicaSet shrinks', () => {
  fc.assert(
    fc.property(replicaSetDraw, (draw) => {
      const { pods, gone, plan, named, replicas, to, steered } = planned(draw);
      assert.equal(steered || plan.writes.length === 0, true);
      const before = gone(pods, replicas);
      const costed = afterWrites(pods, plan.writes);
      assert.deepEqual([...gone(costed, to)].sort(), [...before, ...named].sort());
      assert.deepEqual(gone(costed, replicas), before, 'the new costs change what goes at the old count');
    }),
    runs(4000),
  );
});

test('every write brings the order of pods nearer to the plan, in whatever order those of a stage land', () => {
  fc.assert(
    fc.property(replicaSetDraw, (draw) => {
      const { pods, gone, plan, named, to } = planned(draw);
      for (const order of landingOrders(plan, draw.seed)) {
        assertLegalThroughout(order, [...named], (landed) => gone(afterWrites(pods, landed), to));
      }
    }),
    runs(2000),
  );
});

test('pod writes go to victims only, once each, within int32, and never over a cost of somebody else', () => {
  fc.assert(
    fc.property(replicaSetDraw, (draw) => {
      const { plan, named } = planned(draw);
      assertWritable(plan.writes);
      for (const { carrier, victim } of plan.writes) {
        assert.ok(named.has(carrier.name), `${carrier.name} is no victim`);
        assert.equal(victim, carrier.name);
      }
    }),
    runs(3000),
  );
});

test('the same request to a ReplicaSet twice writes nothing the second time and names the same pods, whoever else came meanwhile', () => {
  fc.assert(
    fc.property(replicaSetDraw, (draw) => {
      const { pods, fleet, request, plan, steered } = planned(draw);
      fc.pre(steered);
      const again = planOf(request, fleet([...afterWrites(pods, plan.writes), ...newcomers(draw.seed)]), draw.policy);
      const names = (victims: typeof plan.victims) => victims.map(({ candidate }) => candidate.name).sort();
      assert.deepEqual(names(again.victims), names(plan.victims));
      assert.deepEqual(outlineOf(again).writes, []);
    }),
    runs(3000),
  );
});

test('the order in which nodes and pods are seen changes nothing for a ReplicaSet', () => {
  fc.assert(
    fc.property(replicaSetDraw, (draw) => {
      const { pods, fleet, request, plan } = planned(draw);
      const again = planOf(request, fleet(shuffled(pods, draw.seed)), draw.policy);
      assert.deepEqual(outlineOf(again), outlineOf(plan));
    }),
    runs(2000),
  );
});

test('a ReplicaSet is steered wherever nobody else writes costs and no scale-down is under way', () => {
  fc.assert(
    fc.property(replicaSetDraw, (draw) => {
      const pods = draw.pods.map((pod) => ({ ...pod, cost: pod.cost?.ours ? pod.cost : null }));
      const { plan } = planned({ ...draw, pods, steps: [] });
      assert.deepEqual(plan.warnings, []);
      assert.ok(plan.victims.every(({ steered }) => steered));
    }),
    runs(1500),
  );
});
