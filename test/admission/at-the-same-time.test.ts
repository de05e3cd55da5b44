import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Steering, type SteeringOptions } from '../../src/admission/steering.ts';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import type { FleetWrite } from '../../src/domain/fleet/cost-write.ts';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { choose } from '../../src/domain/planner/choose.ts';
import type { Solve } from '../../src/domain/planner/solve.ts';
import { fleetOf, marksIn, NOW, ours, planOf, scaleTo, servingGroup } from '../builders/fleet.ts';
import { turns } from '../builders/turns.ts';
import { serving } from '../builders/workload.ts';
import { heldPlanner } from '../planning/held-planner.ts';
import { configOf } from './webhook.ts';

const named = (name: string, replicas: number): Workload =>
  serving(replicas, { decode: 1 }, { name, uid: `uid-of-${name}` });
const [llama, mistral] = [named('llama', 10), named('mistral', 10)];

/** Ten groups of one pod each, two on every node. */
const pods = [llama, mistral].flatMap((workload) =>
  Array.from({ length: 10 }, (_, group) =>
    servingGroup(workload, group, () => ({ node: `${workload.name}-${group % 5}`, ...ours(21) })),
  ).flat(),
);

/** What a review of a scale-down does. */
type Scale = (workload: Workload, to: number) => Promise<string>;

/** Steering instances, as many packdown replicas, over one fleet whose writes wait until they are let through. */
function replicas(count: number, options: Partial<SteeringOptions> = {}) {
  const index = fleetOf(pods, [llama, mistral]);
  const embedded = new EmbeddedFleet(index, () => NOW);
  const held: (() => void)[] = [];
  const written: FleetWrite[] = [];
  const fleet: Fleet = {
    snapshot: () => index,
    staleness: () => 0,
    async write(writes, deadline) {
      await new Promise<void>((resolve) => held.push(resolve));
      const outcomes = await embedded.write(writes, deadline);
      written.push(...writes.flat().filter((_, place) => outcomes[place] === 'written'));
      return outcomes;
    },
  };
  const config = configOf('steering: {settle: 0ms}');
  const scales = Array.from({ length: count }, (): Scale => {
    const steering = new Steering({ fleet, config, now: () => NOW, wait: async () => undefined, ...options });
    return async (workload, to) => {
      const { warnings, audit } = await steering.steer(workload, { ...workload, replicas: to });
      return audit.victims ?? warnings.join('; ');
    };
  });
  const marked = () => marksIn(index);
  return { index, scales, held, written, marked };
}

async function releaseAll(held: (() => void)[]): Promise<void> {
  for (await turns(); held.length > 0; await turns()) for (const release of held.splice(0)) release();
}

function firstOf<T>(list: readonly T[]): T {
  const [first] = list;
  assert.ok(first);
  return first;
}

describe('scale-downs at the same time', () => {
  it('of different workloads do not wait for each other', async () => {
    const { scales, held } = replicas(1);
    const scale = firstOf(scales);
    const answered: string[] = [];
    const answers = [llama, mistral].map(async (workload) => {
      await scale(workload, 8);
      answered.push(workload.name);
    });
    await turns();
    assert.equal(held.length, 2, 'both are writing');
    held[1]?.();
    await turns();
    assert.deepEqual(answered, ['mistral']);
    held[0]?.();
    await Promise.all(answers);
  });

  it('of one workload are carried out one after another, each on what the one before has left', async () => {
    const { scales, held, marked } = replicas(1);
    const scale = firstOf(scales);
    const answers = [scale(llama, 8), scale({ ...llama, replicas: 8 }, 7), scale({ ...llama, replicas: 7 }, 5)];
    await turns();
    assert.equal(held.length, 1, 'only the first is writing');
    await releaseAll(held);
    const victims = await Promise.all(answers);
    assert.deepEqual(
      victims.map((names) => names.split(',').length),
      [2, 1, 2],
    );
    assert.deepEqual(victims.join(',').split(',').sort(), marked());
    assert.equal(new Set(marked()).size, 5);
  });

  it('of one workload wait for the one that is writing, though others before it are done', async () => {
    const { scales, held, marked } = replicas(1);
    const scale = firstOf(scales);
    const [first, second] = [scale(llama, 8), scale({ ...llama, replicas: 8 }, 7)];
    await turns();
    for (const release of held.splice(0)) release();
    await first;
    await turns();
    const third = scale({ ...llama, replicas: 7 }, 5);
    await turns();
    assert.equal(held.length, 1, 'only the second is writing');
    await releaseAll(held);
    assert.equal((await second).split(',').length, 1);
    assert.equal((await third).split(',').length, 2);
    assert.equal(marked().length, 5);
  });

  it('of a workload that is then to grow again hold up the growth, which has nothing to tell', async () => {
    const { scales, held, marked } = replicas(1);
    const scale = firstOf(scales);
    const shrunk = scale(llama, 8);
    let isAnswered = false;
    const grown = scale({ ...llama, replicas: 8 }, 9).finally(() => {
      isAnswered = true;
    });
    await turns();
    assert.equal(isAnswered, false);
    await releaseAll(held);
    assert.equal((await shrunk).split(',').length, 2);
    assert.equal(await grown, '');
    assert.equal(marked().length, 2);
  });

  it('of one workload, of which the first fails, still have their turn', async () => {
    const { scales, held, index } = replicas(1);
    const scale = firstOf(scales);
    const read = index.podsOf;
    index.podsOf = () => {
      index.podsOf = read;
      throw new Error('once');
    };
    const [first, second] = [scale(llama, 9), scale(llama, 9)];
    await assert.rejects(first, /once/);
    await releaseAll(held);
    assert.equal((await second).split(',').length, 1);
  });
});

describe('two packdown replicas over one fleet', () => {
  it('that steer the same change at once mark the same victims, once', async () => {
    const { scales, held, written, marked } = replicas(2);
    const answers = scales.map((scale) => scale(llama, 7));
    await releaseAll(held);
    const victims = await Promise.all(answers);
    assert.equal(victims[0], victims[1]);
    assert.deepEqual(marked(), victims[0]?.split(',').sort());
    assert.equal(
      new Set(written.map(({ carrier }) => carrier.name)).size,
      written.length,
      'a carrier is written twice',
    );
  });

  it('that steer different workloads at once keep the order of each', async () => {
    const { scales, held, index } = replicas(2);
    const answers = [llama, mistral].map((workload, replica) => (scales[replica] ?? assert.fail())(workload, 7));
    await releaseAll(held);
    const victims = await Promise.all(answers);
    for (const [place, workload] of [llama, mistral].entries()) {
      // What its controller will now take, by the model of its order, is what was announced.
      const again = planOf(scaleTo(workload, 7), index);
      assert.deepEqual(again.writes, []);
      assert.deepEqual(again.victims.map(({ candidate }) => candidate.name).sort(), victims[place]?.split(',').sort());
    }
  });

  it('of which the other has marked meanwhile plan on its marks', async () => {
    const { scales, held, marked } = replicas(2);
    const [one, other] = [scales[0] ?? assert.fail(), scales[1] ?? assert.fail()];
    const first = one(llama, 7);
    await releaseAll(held);
    await first;
    const second = other(llama, 7);
    await releaseAll(held);
    assert.equal(await second, await first);
    assert.equal(marked().length, 3);
  });
});

describe('while a long plan is made', () => {
  /** Large enough for the planner's thread: 60 groups over 30 nodes. */
  const two = serving(60, { decode: 2 }, { name: 'large', uid: 'uid-of-large' });
  const largePods = Array.from({ length: 60 }, (_, group) =>
    servingGroup(two, group, ({ replica }) => ({ node: `l${(group * (replica + 2) + replica) % 30}`, ...ours(21) })),
  ).flat();

  function held() {
    const thread = heldPlanner();
    const index = fleetOf([...pods, ...largePods], [llama, mistral, two]);
    const fleet = new EmbeddedFleet(index, () => NOW);
    const config = configOf('steering: {settle: 0ms, budget: 1h}');
    const steering = new Steering({
      fleet,
      config,
      now: () => NOW,
      wait: async () => undefined,
      solve: thread.planner.solve,
    });
    return {
      ...thread,
      index,
      steer: async (from: Workload, to: number) => steering.steer(from, { ...from, replicas: to }),
    };
  }

  it('no more than half of the budget goes by: the rest is for the writes', async () => {
    const given: number[] = [];
    const solve: Solve = (problem, milliseconds) => {
      given.push(milliseconds);
      return choose(problem);
    };
    const { scales, held: writes } = replicas(1, { config: configOf('steering: {settle: 0ms, budget: 1s}'), solve });
    const answer = firstOf(scales)(llama, 8);
    await releaseAll(writes);
    await answer;
    assert.deepEqual(given, [500]);
  });

  it('another workload is steered, and the plan is then as if made alone', async () => {
    const { planner, release, steer, index } = held();
    const alone = planOf(scaleTo(two, 40), index).victims.map(({ candidate }) => candidate.name);
    let isPlanned = false;
    const long = steer(two, 40).finally(() => {
      isPlanned = true;
    });
    assert.equal((await steer(llama, 8)).audit.victims?.split(',').length, 2);
    assert.equal(isPlanned, false);
    release();
    assert.deepEqual((await long).audit.victims?.split(',').sort(), alone.sort());
    await planner.close();
  });

  it('and one of the chosen vanishes, it is made again, and names only what is there', async () => {
    const { planner, release, steer, index } = held();
    const chosen = firstOf(planOf(scaleTo(two, 40), index).victims).candidate;
    const long = steer(two, 40);
    await turns();
    for (const { namespace, name } of chosen.pods) index.deletePod(namespace, name);
    release();
    const victims = (await long).audit.victims?.split(',') ?? [];
    assert.equal(victims.length, 19);
    assert.ok(!victims.includes(chosen.name));
    await planner.close();
  });

  it('and a cost of somebody else appears on one of the chosen, theirs stays', async () => {
    const { planner, release, steer, index } = held();
    const pod = firstOf(firstOf(planOf(scaleTo(two, 40), index).victims).candidate.pods);
    const long = steer(two, 40);
    await turns();
    index.putPod({ ...pod, cost: '1000', costOwner: null });
    release();
    const { warnings } = await long;
    assert.equal(index.pod(pod.namespace, pod.name)?.cost, '1000');
    assert.deepEqual(
      warnings.filter((warning) => warning.includes('could not be written')),
      [],
    );
    await planner.close();
  });

  it('that never comes, it is made here in the end', async () => {
    const { planner, steer, troubles } = held();
    const long = steer(two, 40);
    await turns();
    await planner.close();
    assert.equal((await long).audit.victims?.split(',').length, 20);
    assert.deepEqual(troubles, []);
  });
});
