import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { afterWrites, fleetOf, planOf, scaleTo } from '../../builders/fleet.ts';
import { groupsGone, groupsMarked } from './oracle-view.ts';
import {
  assertLegalThroughout,
  assertWritableToKthena,
  isSteered,
  landingOrders,
  newcomers,
  outlineOf,
  runs,
  shuffled,
  someOf,
} from './properties.ts';
import { roleDraw, type ServingDraw, servingDraw } from './random-serving.ts';
import { groupNames, tellGroupStory } from './serving-story.ts';

const RANKS = ['as-live', 'as-not-ready'] as const;

const isDoubt = (warning: string) => warning.startsWith('ModelServing/default/llama may go otherwise: ');

function planned(draw: ServingDraw) {
  const story = tellGroupStory(draw);
  const { serving, scaled, pods, others } = story;
  fc.pre(scaled.replicas < serving.replicas && pods.length > 0);
  const request = scaleTo(serving, scaled.replicas);
  const plan = planOf(request, fleetOf([...pods, ...others], [serving]), draw.policy);
  const named = new Set(plan.victims.map(({ candidate }) => candidate.name));
  return { ...story, request, plan, named, steered: isSteered(plan) };
}

test('the groups that a steered plan names, and no others, are gone in the end', () => {
  fc.assert(
    fc.property(servingDraw, (draw) => {
      const { serving, scaled, pods, plan, named, steered } = planned(draw);
      fc.pre(steered);
      // What is being deleted fills the old count first; packdown's costs see to it that it really ranks first.
      const before = groupsGone(serving, pods, { rank: 'as-not-ready', seed: draw.seed });
      const expected = [...new Set([...before, ...named])].sort();
      const costed = afterWrites(pods, plan.writes);
      // A plan in doubt is about what ranks with the groups that are being deleted, unless Kthena takes one for
      // running.
      for (const rank of plan.warnings.some(isDoubt) ? (['as-not-ready'] as const) : RANKS) {
        const run = { rank, seed: draw.seed };
        assert.deepEqual([...groupsGone(scaled, costed, run)].sort(), expected, `${rank}, at once`);
        // The controller may act on the old count, with the new costs, before it sees the new one.
        if (scaled.partition?.kind === 'percent') continue;
        const until = { replicas: serving.replicas, vanished: draw.seed % 7 };
        const gone = [...groupsGone(scaled, costed, { ...run, until })].sort();
        assert.deepEqual(gone, expected, `${rank}, the new count seen after ${until.vanished} pods are gone`);
      }
    }),
    runs(1200),
  );
});

test('unless the plan says otherwise, the same groups are gone whichever of them Kthena has as Running by then', () => {
  fc.assert(
    fc.property(servingDraw, (draw) => {
      const { serving, scaled, pods, plan, named } = planned(draw);
      fc.pre(plan.warnings.length === 0);
      const before = groupsGone(serving, pods, { rank: 'as-not-ready', seed: draw.seed });
      const expected = [...new Set([...before, ...named])].sort();
      const costed = afterWrites(pods, plan.writes);
      const running = someOf(groupNames(pods), draw.seed);
      for (const rank of RANKS) {
        const gone = [...groupsGone(scaled, costed, { rank, seed: draw.seed, running })].sort();
        assert.deepEqual(gone, expected, `${rank}, while ${[...running].join()} count as Running`);
      }
    }),
    runs(1200),
  );
});

test('a plan that cannot be steered writes nothing, says why, and names what the controller takes by itself', () => {
  fc.assert(
    fc.property(servingDraw, (draw) => {
      const { serving, scaled, pods, plan, named, steered } = planned(draw);
      fc.pre(!steered);
      assert.deepEqual(plan.writes, []);
      assert.match(plan.warnings[0] ?? '', /^ModelServing\/default\/llama is not steered: ./);
      const before = groupsMarked(serving, pods);
      assert.deepEqual([...groupsMarked(scaled, pods)].sort(), [...new Set([...before, ...named])].sort());
    }),
    runs(80, 200),
  );
});

test('every write brings the order nearer to the plan, in whatever order those of a stage land', () => {
  fc.assert(
    fc.property(servingDraw, (draw) => {
      const { scaled, pods, plan, named } = planned(draw);
      fc.pre(plan.writes.length > 0);
      for (const order of landingOrders(plan, draw.seed)) {
        assertLegalThroughout(order, [...named], (landed) => groupsMarked(scaled, afterWrites(pods, landed)));
      }
    }),
    runs(500),
  );
});

test('writes are few, never negative, never beyond int32, and never over a cost of somebody else', () => {
  fc.assert(
    fc.property(servingDraw, (draw) => {
      const { plan, named } = planned(draw);
      assertWritableToKthena(
        plan.writes,
        named,
        ({ carrier }) => carrier.labels['modelserving.volcano.sh/group-name'] ?? '',
      );
    }),
    runs(1200),
  );
});

test('the same request twice writes nothing the second time and names the same groups, whoever else came meanwhile', () => {
  fc.assert(
    fc.property(servingDraw, (draw) => {
      const { serving, pods, others, named, request, plan, steered } = planned(draw);
      fc.pre(steered);
      const fleet = fleetOf([...afterWrites(pods, plan.writes), ...others, ...newcomers(draw.seed)], [serving]);
      const again = planOf(request, fleet, draw.policy);
      assert.deepEqual(new Set(outlineOf(again).victims.map(({ name }) => name)), named);
      assert.deepEqual(outlineOf(again).writes, []);
    }),
    runs(1200),
  );
});

test('the order in which nodes and pods are seen changes nothing', () => {
  fc.assert(
    fc.property(servingDraw, (draw) => {
      const { serving, pods, others, request, plan } = planned(draw);
      const fleet = fleetOf(shuffled([...pods, ...others], draw.seed), [serving]);
      assert.deepEqual(outlineOf(planOf(request, fleet, draw.policy)), outlineOf(plan));
    }),
    runs(800),
  );
});

test('groups are steered wherever nobody else writes costs, nothing is on its way out and no partition moves', () => {
  fc.assert(
    fc.property(servingDraw, (draw) => {
      const quiet = { foreign: [], dying: [], evicted: [], steps: [], partition: null };
      const { plan, steered } = planned({ ...draw, ...quiet });
      assert.ok(steered, plan.warnings[0]);
      assert.ok(plan.victims.every(({ steered }) => steered));
      const ready = { unready: [], pending: [], missing: [] };
      assert.deepEqual(planned({ ...draw, ...quiet, ...ready }).plan.warnings, []);
    }),
    runs(800),
  );
});

test('groups are steered as well while up to three scale-downs of ours are under way', () => {
  fc.assert(
    fc.property(servingDraw, (draw) => {
      const ready = { foreign: [], unready: [], pending: [], missing: [], evicted: [], dying: [], partition: null };
      const costs = draw.costs.map((cost) => 40 + (Math.abs(cost ?? 0) % 3));
      const steps = draw.steps.map((step) => ({ ...step, steered: true }));
      const { plan } = planned({ ...draw, ...ready, costs, steps });
      assert.deepEqual(plan.warnings, []);
      assert.ok(plan.victims.every(({ steered }) => steered));
    }),
    runs(800),
  );
});

test('the groups that a plan names, and no others, are gone in the end when roles shrink as well', () => {
  fc.assert(
    fc.property(roleDraw, (draw) => {
      const quiet = { foreign: [], dying: [], evicted: [], steps: [] };
      const { serving, pods, others } = tellGroupStory({ ...draw, ...quiet });
      const role = serving.roles.reduce((most, next) => (next.replicas > most.replicas ? next : most));
      const groups = 1 + (draw.to % serving.replicas);
      fc.pre(role.replicas > 1 && groups < serving.replicas);
      const shrunk = scaleTo(serving, 1 + (draw.seed % (role.replicas - 1)), role.name);
      const asked = planOf(shrunk, fleetOf([...pods, ...others], [serving]), draw.policy);
      // Both may come in one update: then nobody has steered what the role loses.
      const costed = draw.role % 2 === 0 ? afterWrites(pods, asked.writes) : pods;
      const request = scaleTo(shrunk.workload, groups);
      const plan = planOf(request, fleetOf([...costed, ...others], [shrunk.workload]), draw.policy);
      fc.pre(plan.warnings.length === 0);
      // A late event never makes what is being deleted Running again: it keeps more role replicas than the spec says.
      const run = { rank: 'as-not-ready' as const, seed: draw.seed, withRoles: true };
      const gone = groupsGone(request.workload, afterWrites(costed, plan.writes), run);
      assert.deepEqual([...gone].sort(), plan.victims.map(({ candidate }) => candidate.name).sort());
    }),
    runs(600),
  );
});
