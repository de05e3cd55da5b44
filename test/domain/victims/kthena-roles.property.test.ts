import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CostWrite } from '../../../src/domain/fleet/cost-write.ts';
import type { Pod } from '../../../src/domain/fleet/pod.ts';
import type { Revision } from '../../../src/domain/fleet/revision.ts';
import { resolvePartition, type Workload } from '../../../src/domain/fleet/workload.ts';
import type { Plan } from '../../../src/domain/victims/plan.ts';
import { afterWrites, fleetOf, planOf, scaleTo } from '../../builders/fleet.ts';
import { groupsGone, replicasGone } from './oracle-view.ts';
import {
  assertLegalThroughout,
  assertWritableToKthena,
  isSteered as isPlanSteered,
  landingOrders,
  newcomers,
  outlineOf,
  runs,
  shuffled,
  someOf,
} from './properties.ts';
import { type RoleDraw, roleDraw } from './random-serving.ts';
import { groupNames, tellRoleStory } from './serving-story.ts';

/** What Kthena stores of the only template that there ever was. */
const revisionOf = ({ name, namespace, uid, roles }: Workload): Revision => ({
  name: `${name}-7f9`,
  namespace,
  owner: uid,
  created: 0,
  roles,
});

function planned(draw: RoleDraw) {
  const story = tellRoleStory(draw);
  const { serving, pods, others, role, from, to } = story;
  fc.pre(to < from && pods.length > 0);
  const request = scaleTo(serving, to, role);
  const isStored = draw.seed % 2 === 0;
  const fleetWith = (all: readonly Pod[]) => {
    const fleet = fleetOf(all, [serving]);
    if (isStored) fleet.putRevision(revisionOf(serving));
    return fleet;
  };
  const plan = planOf(request, fleetWith([...pods, ...others]), draw.policy);
  const named = (group: string) =>
    plan.victims.filter(({ candidate }) => candidate.group === group).map(({ candidate }) => candidate.name);
  const isSteered = (group: string) =>
    !plan.warnings.some((warning) =>
      warning.startsWith(`ModelServing/default/llama:${role} in ${group} is not steered`),
    );
  const isProtected = (group: string) =>
    isStored && groupNames(pods).indexOf(group) < resolvePartition(serving.partition, serving.replicas);
  const isInDoubt = (group: string) =>
    plan.warnings.some((warning) =>
      warning.startsWith(`ModelServing/default/llama:${role} in ${group} may go otherwise`),
    );
  const goneOf = (workload: Workload, group: string, from = pods, running: ReadonlySet<string> = new Set()) =>
    replicasGone(workload, group, role, from, { seed: draw.seed, running });
  return { ...story, request, fleetWith, plan, named, isSteered, isInDoubt, isProtected, goneOf };
}

test('in every group the replicas that the plan names, and no others, are gone in the end', () => {
  fc.assert(
    fc.property(roleDraw, (draw) => {
      const { serving, scaled, pods, plan, named, isSteered, isProtected, goneOf } = planned(draw);
      const costed = afterWrites(pods, plan.writes);
      for (const group of groupNames(pods)) {
        if (isProtected(group)) {
          assert.deepEqual(named(group), [], `${group} is protected`);
          continue;
        }
        if (!isSteered(group)) {
          const touched = plan.writes.filter(
            ({ carrier }) => carrier.labels['modelserving.volcano.sh/group-name'] === group,
          );
          assert.deepEqual(touched, [], `${group} is not steered`);
        }
        const expected = [...new Set([...goneOf(serving, group), ...named(group)])].sort();
        assert.deepEqual([...goneOf(scaled, group, costed)].sort(), expected, group);
      }
    }),
    runs(1200),
  );
});

test('unless the plan says otherwise, the same replicas are gone whichever of them Kthena has as Running by then', () => {
  fc.assert(
    fc.property(roleDraw, (draw) => {
      const { serving, scaled, pods, plan, named, isSteered, isInDoubt, isProtected, goneOf } = planned(draw);
      const costed = afterWrites(pods, plan.writes);
      for (const group of groupNames(pods)) {
        if (isProtected(group) || !isSteered(group) || isInDoubt(group)) continue;
        const units = pods.map(({ labels }) => `${group}/${labels['modelserving.volcano.sh/role-id']}`);
        const running = someOf(new Set(units), draw.seed);
        const expected = [...new Set([...goneOf(serving, group), ...named(group)])].sort();
        const gone = [...goneOf(scaled, group, costed, running)].sort();
        assert.deepEqual(gone, expected, `${group}, while ${[...running].join()} count as Running`);
      }
    }),
    runs(1200),
  );
});

test('scaling a role while groups are going down changes nothing about which groups go', () => {
  fc.assert(
    fc.property(roleDraw, (draw) => {
      const { serving, pods, plan } = planned(draw);
      const going = (pods: readonly Parameters<typeof groupsGone>[1][number][]) =>
        groupsGone(serving, pods, { rank: 'as-live', seed: draw.seed });
      assert.deepEqual(going(afterWrites(pods, plan.writes)), going(pods));
    }),
    runs(1000),
  );
});

test('the replica that the HPA selector is pinned to goes only with the whole role', () => {
  fc.assert(
    fc.property(roleDraw, (draw) => {
      const { serving, pods, named, isSteered, role, goneOf } = planned({ ...draw, role: 0 });
      const workers = serving.roles[0]?.workers ?? 0;
      for (const group of groupNames(pods)) {
        const gone = named(group);
        const going = goneOf(serving, group);
        const own = pods.filter(({ labels }) => labels['modelserving.volcano.sh/group-name'] === group);
        const replicas = Map.groupBy(own, ({ labels }) => labels['modelserving.volcano.sh/role-id'] ?? '');
        const anchor = replicas.get(`${role}-0`) ?? [];
        const isReady = anchor.length === workers + 1 && anchor.every(({ ready, deleting }) => ready && !deleting);
        if (!isReady || !isSteered(group) || !gone.includes(`${role}-0`)) continue;
        const left = [...replicas.keys()].filter(
          (id) => id.startsWith(`${role}-`) && !gone.includes(id) && !going.has(id),
        );
        assert.deepEqual(left, [], `${group} keeps these and loses ${role}-0`);
      }
    }),
    runs(1200),
  );
});

test('every write brings the order of role replicas nearer to the plan, in whatever order those of a stage land', () => {
  fc.assert(
    fc.property(roleDraw, (draw) => {
      const { scaled, pods, plan, named, goneOf } = planned(draw);
      fc.pre(plan.writes.length > 0);
      const groups = groupNames(pods).filter((group) => named(group).length > 0);
      const goingFirst = (landed: readonly CostWrite[]) => {
        const costed = afterWrites(pods, landed);
        return new Set(groups.flatMap((group) => [...goneOf(scaled, group, costed)].map((id) => `${group}/${id}`)));
      };
      for (const order of landingOrders(plan, draw.seed)) assertLegalThroughout(order, unitsOf(plan), goingFirst);
    }),
    runs(400),
  );
});

test('role writes are few, never negative, never beyond int32, and never over a cost of somebody else', () => {
  fc.assert(
    fc.property(roleDraw, (draw) => {
      const { plan, role } = planned(draw);
      for (const { carrier } of plan.writes) assert.equal(carrier.labels['modelserving.volcano.sh/role'], role);
      assertWritableToKthena(plan.writes, new Set(unitsOf(plan)), ({ carrier: { labels } }) =>
        [labels['modelserving.volcano.sh/group-name'], labels['modelserving.volcano.sh/role-id']].join('/'),
      );
    }),
    runs(1000),
  );
});

function unitsOf({ victims }: Plan): readonly string[] {
  return victims.map(({ candidate: { group, name } }) => `${group}/${name}`).sort();
}

test('the same role request twice writes nothing the second time and names the same replicas, whoever else came meanwhile', () => {
  fc.assert(
    fc.property(roleDraw, (draw) => {
      const { pods, others, request, fleetWith, plan } = planned(draw);
      fc.pre(plan.victims.every(({ steered }) => steered));
      const fleet = fleetWith([...afterWrites(pods, plan.writes), ...others, ...newcomers(draw.seed)]);
      const again = planOf(request, fleet, draw.policy);
      assert.deepEqual(unitsOf(again), unitsOf(plan));
      assert.deepEqual(outlineOf(again).writes, []);
    }),
    runs(1000),
  );
});

test('the order in which nodes and pods are seen changes nothing for a role', () => {
  fc.assert(
    fc.property(roleDraw, (draw) => {
      const { pods, others, request, fleetWith, plan } = planned(draw);
      const fleet = fleetWith(shuffled([...pods, ...others], draw.seed));
      assert.deepEqual(outlineOf(planOf(request, fleet, draw.policy)), outlineOf(plan));
    }),
    runs(1000),
  );
});

test('roles are steered wherever nobody else writes costs and nothing is on its way out', () => {
  fc.assert(
    fc.property(roleDraw, (draw) => {
      const quiet = { foreign: [], dying: [], evicted: [], steps: [], roleSteps: [], partition: null };
      const { plan } = planned({ ...draw, ...quiet });
      assert.ok(isPlanSteered(plan), plan.warnings[0]);
      assert.ok(plan.victims.every(({ steered }) => steered));
      const ready = { unready: [], pending: [], missing: [] };
      assert.deepEqual(planned({ ...draw, ...quiet, ...ready }).plan.warnings, []);
    }),
    runs(800),
  );
});
