import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Steered } from '../../src/admission/steered.ts';
import { Steering } from '../../src/admission/steering.ts';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import type { WriteOrder } from '../../src/domain/fleet/fleet.ts';
import type { Pod } from '../../src/domain/fleet/pod.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { appsPod, fleetBut, fleetOf, NOW, ours, servingGroup, theirs } from '../builders/fleet.ts';
import { deployment, serving } from '../builders/workload.ts';
import { configOf } from './webhook.ts';

const llama = serving(4, { decode: 1 });
const web = deployment(2);
const set = deployment(3, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });
const unlisted = deployment(3, { group: 'resourcescalinggroup.com', kind: 'ResourceScalingGroup', name: 'pair' });

/** Groups 0 to 3 of llama, one a node, with costs that make 0 and 1 go first by themselves. */
const groups = [0, 1, 2, 3].flatMap((group) =>
  servingGroup(llama, group, () => ({ node: `n${group}`, ...ours(20 + group) })),
);

interface Circumstances {
  readonly workload?: Workload;
  readonly pods?: readonly Pod[];
  readonly configuration?: string;
  readonly staleness?: number | null;
  /** What of the writes the fleet carries out; then an error, if it is to break. */
  readonly carries?: (writes: WriteOrder) => WriteOrder;
  readonly error?: Error;
}

function steering({
  workload = llama,
  pods = groups,
  configuration = '',
  staleness = 0,
  carries,
  error,
}: Circumstances = {}) {
  const steered: Steered[] = [];
  const time = { now: NOW };
  const databases = [0, 1, 2].map((ordinal) => appsPod(set, ordinal));
  const embedded = new EmbeddedFleet(fleetOf([...pods, ...databases], [workload, web, set, unlisted]), () => time.now);
  const fleet = fleetBut(embedded, {
    staleness: () => staleness,
    async write(writes, deadline) {
      if (error !== undefined) throw error;
      return embedded.write(carries === undefined ? writes : carries(writes), deadline);
    },
  });
  const one = new Steering({
    fleet,
    config: configOf(`steering: {settle: 100ms}\n${configuration}`),
    now: () => time.now,
    wait: async (milliseconds) => {
      time.now += milliseconds;
    },
    onSteered: (each) => steered.push(each),
  });
  const steer = async (old: Workload, next: Workload) => one.steer(old, next);
  const scale = (to: number, old: Workload = llama) => steer(old, { ...old, replicas: to });
  return { steer, scale, steered };
}

const victimsOf = ({ plan }: Steered) => plan?.victims.map(({ candidate }) => candidate.name) ?? null;
const outcomes = (steered: readonly Steered[]) =>
  steered.map((each) => ({ outcome: each.outcome, victims: victimsOf(each) }));

describe('whoever watches steering is told', () => {
  it('of a scale-down that was steered: what changes, its plan, and how long it took, settling included', async () => {
    const { scale, steered } = steering();
    await scale(3);
    const [only] = steered;
    assert.deepEqual(outcomes(steered), [{ outcome: 'steered', victims: ['llama-3'] }]);
    assert.equal(only?.workload.replicas, 3);
    assert.deepEqual([only?.mode, only?.milliseconds], ['steer', 100]);
  });

  it('of one that is marked already', async () => {
    const { scale, steered } = steering();
    await scale(3);
    await scale(3);
    assert.deepEqual(outcomes(steered).at(-1), { outcome: 'unchanged', victims: ['llama-3'] });
  });

  it('of one that costs steer in one of two groups, be it marked already or not', async () => {
    const decoding = serving(2, { decode: 2 });
    const pods = [...servingGroup(decoding, 0, () => ours(21)), ...servingGroup(decoding, 1, () => theirs(7))];
    const { steer, steered } = steering({ pods, workload: decoding });
    const fewer = serving(2, { decode: 1 });
    await steer(decoding, fewer);
    await steer(decoding, fewer);
    const partial = { outcome: 'partial', victims: ['decode-1', 'decode-1'] };
    assert.deepEqual(outcomes(steered), [partial, partial]);
    assert.deepEqual(
      steered.map(({ plan }) => plan?.writes.length),
      [1, 0],
    );
  });

  it('of one that is only observed', async () => {
    const { scale, steered } = steering({ configuration: 'mode: observe' });
    await scale(3);
    assert.deepEqual(outcomes(steered), [{ outcome: 'observed', victims: ['llama-3'] }]);
    assert.equal(steered[0]?.mode, 'observe');
  });

  it('of one whose controller reads no costs', async () => {
    const { scale, steered } = steering();
    await scale(2, set);
    assert.deepEqual(outcomes(steered), [{ outcome: 'unsteerable', victims: ['db-2'] }]);
  });

  it('of one of which nobody knows what goes', async () => {
    const { scale, steered } = steering();
    await scale(2, unlisted);
    assert.deepEqual(outcomes(steered), [{ outcome: 'unsteerable', victims: [] }]);
    assert.match(steered[0]?.says.join() ?? '', /has no sortedGroupList, so its controller chooses/);
  });

  it('of one that is left to the controller below', async () => {
    const { scale, steered } = steering();
    await scale(1, web);
    assert.deepEqual(outcomes(steered), [{ outcome: 'deferred', victims: null }]);
  });

  it('of one that the fleet contradicts', async () => {
    const { scale, steered } = steering();
    await scale(3, { ...llama, uid: 'forged' });
    assert.deepEqual(outcomes(steered), [{ outcome: 'disagreement', victims: null }]);
  });

  it('of one that comes too often', async () => {
    const { scale, steered } = steering({ carries: () => [] });
    for (let time = 0; time < 11; time += 1) await scale(3);
    assert.equal(steered.at(-2)?.outcome, 'failed');
    assert.deepEqual(outcomes(steered).at(-1), { outcome: 'limited', victims: ['llama-0'] });
  });

  it('of one that throws', async () => {
    const { scale, steered } = steering({ error: new Error('the fleet is gone') });
    await assert.rejects(scale(3), /the fleet is gone/);
    assert.deepEqual(outcomes(steered), [{ outcome: 'failed', victims: null }]);
  });

  it('of no scale-up, of nothing that is switched off, and of no change', async () => {
    const { scale, steered } = steering();
    await scale(5);
    await scale(4);
    await scale(5, { ...llama, uid: 'forged' });
    await steering({ configuration: 'mode: off' }).scale(3);
    assert.deepEqual(steered, []);
  });
});

describe('a stale fleet', () => {
  for (const [title, staleness, doubt] of [
    ['that has been silent for five minutes is steered on', 300_000, null],
    ['that has been silent for longer is not', 300_001, 'the fleet has not been heard of for 5 minutes'],
    ['that has never been read is not', null, 'the fleet has not been read yet'],
  ] as const) {
    it(title, async () => {
      const { scale, steered } = steering({ staleness });
      const { warnings, audit } = await scale(3);
      assert.equal(steered[0]?.outcome, doubt === null ? 'steered' : 'stale');
      assert.equal(audit.victims, doubt === null ? 'llama-3' : undefined);
      if (doubt !== null) assert.deepEqual(warnings, [`packdown: ${doubt}; nothing was steered`]);
    });
  }

  it('says nothing about a scale-up', async () => {
    assert.deepEqual(await steering({ staleness: null }).scale(5), { says: [], warnings: [], audit: {} });
  });
});

describe('a plan that is cut short', () => {
  it('names those that really go, and what that frees, and not the whole plan', async () => {
    const { scale, steered } = steering({ carries: (writes) => [writes.flat().slice(0, 1)] });
    const { warnings, audit } = await scale(2);
    // llama-2 is lowered, llama-3 was to be: now the lowest of the others goes, as its controller will have it.
    assert.deepEqual(audit, { victims: 'llama-2,llama-0', 'nodes-freed': 'n0,n2' });
    assert.deepEqual(warnings, [
      'packdown: llama-2, llama-0 will go, which frees n0, n2',
      'packdown: 1 of 2 costs were not sent within the budget: others may go instead',
    ]);
    assert.deepEqual(outcomes(steered), [{ outcome: 'partial', victims: ['llama-2', 'llama-0'] }]);
  });

  it('before anything was written names what goes by itself', async () => {
    const { scale, steered } = steering({ carries: () => [] });
    assert.equal((await scale(2)).audit.victims, 'llama-0,llama-1');
    assert.deepEqual(outcomes(steered), [{ outcome: 'failed', victims: ['llama-0', 'llama-1'] }]);
  });
});
