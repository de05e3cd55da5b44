import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import { MemoryTargetSet } from '../../src/cluster/embedded/memory-target-set.ts';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { type AnsweredFleet, fleetAnswers } from '../../src/commands/fleet-answers.ts';
import { openReport } from '../../src/commands/plan.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { prove } from '../../src/domain/planner/prove.ts';
import { RequestError } from '../../src/http/problem.ts';
import { fleetOf, NOW, servingGroup } from '../builders/fleet.ts';
import { turns } from '../builders/turns.ts';
import { serving } from '../builders/workload.ts';
import { heldPlanner } from '../planning/held-planner.ts';

const llama = serving(60, { prefill: 1, decode: 1 });
const query = { scales: [`ModelServing/${llama.namespace}/${llama.name}=40`], policy: null };
const seenLow = () => null;

/** 60 groups over 30 nodes: too large a choice to be made at once. */
const largeFleet = () =>
  fleetOf(
    Array.from({ length: 60 }, (_, group) =>
      servingGroup(llama, group, ({ role }) => ({ node: `n${(group * (role === 'prefill' ? 1 : 7)) % 30}` })),
    ).flat(),
    [llama],
  );

function answersOf(index: FleetIndex, elsewhere: AnsweredFleet['prove']) {
  const fleet = new EmbeddedFleet(index, () => NOW);
  const source = { fleet, targetSet: new MemoryTargetSet(), isSynced: () => true, checks: () => [] };
  const answers = fleetAnswers({ source, config: defaultConfig, seenLow, now: () => NOW, prove: elsewhere });
  const known = { targetSet: null, seenLow };
  const here = () =>
    openReport(query.scales, 'consolidate', fleet.snapshot(), defaultConfig, known, NOW).complete(prove).report;
  return { ...answers, here };
}

describe('a plan on the ops port', () => {
  it('leaves others answered while it is made, and is then what it would be here and now', async (t) => {
    const { planner, troubles, release } = heldPlanner();
    t.after(() => planner.close());
    const { plan, costs, here } = answersOf(largeFleet(), planner.prove);
    let isPlanned = false;
    const planned = Promise.resolve(plan(query)).finally(() => {
      isPlanned = true;
    });
    await turns(100);
    assert.ok(Array.isArray(costs()) && !isPlanned);
    release();
    assert.deepEqual(await planned, here());
    assert.deepEqual(troubles, []);
  });

  it('is of the fleet as it is once it is answered', async (t) => {
    const { planner, release } = heldPlanner();
    t.after(() => planner.close());
    const index = largeFleet();
    const { plan, here } = answersOf(index, planner.prove);
    const before = here();
    const planned = plan(query);
    for (const name of before.victims.slice(0, 3).flatMap(({ pods }) => pods)) {
      const [namespace = '', pod = ''] = name.split('/');
      index.deletePod(namespace, pod);
    }
    release();
    const after = await planned;
    assert.notDeepEqual(after, before);
    assert.deepEqual(after, here());
  });

  it('that does not come in time is answered 503', async () => {
    const { plan } = answersOf(largeFleet(), async () => null);
    await assert.rejects(
      async () => plan(query),
      (error: unknown) => error instanceof RequestError && error.status === 503 && error.code === 'PlanTimeout',
    );
  });
});
