import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configOf } from '../admission/webhook.ts';
import { fleetBut, fleetOf, ours, servingGroup } from '../builders/fleet.ts';
import { scaleReview, updateReview } from '../builders/review.ts';
import { serving } from '../builders/workload.ts';
import { deleteGroups, observed, settle } from './observed.ts';
import { observedServer } from './observed-server.ts';

const llama = serving(14, { decode: 1 });
const pods = Array.from({ length: 14 }, (_, group) =>
  servingGroup(llama, group, () => ({ node: `n${group}`, ...ours(21) })),
).flat();
const fleet = () => fleetOf(pods, [llama]);
const workload = 'ModelServing/default/llama';
const DEBUG = 20;
const INFO = 30;
const WARN = 40;
const ERROR = 50;

describe('the log says in one line', () => {
  it('what a scale-down takes and frees, by no more names than fit', async () => {
    const hook = observed({ index: fleet() });
    await hook.scale(llama, 2);
    const [line, ...others] = hook.logged;
    assert.deepEqual(others, []);
    const names = (prefix: string, numbers: readonly number[]) => numbers.map((number) => `${prefix}${number}`);
    assert.deepEqual(line, {
      ...{ level: INFO, workload, mode: 'steer', outcome: 'steered', milliseconds: 0, changes: ['14 → 2'] },
      victims: [...names('llama-', [13, 12, 11, 10, 9, 8, 7, 6, 5, 4]), 'and 2 more'],
      nodesFreed: [...names('n', [10, 11, 12, 13, 2, 3, 4, 5, 6, 7]), 'and 2 more'],
      msg: 'scale-down',
    });
  });

  it('what would go where packdown only observes', async () => {
    const hook = observed({ index: fleet(), config: configOf('mode: observe') });
    await hook.scale(llama, 13);
    const { outcome, victims } = hook.logged[0] ?? {};
    assert.deepEqual([outcome, victims, hook.logged.length], ['observed', ['llama-13'], 1]);
  });

  it('that a review contradicts the fleet', async () => {
    const hook = observed({ index: fleet() });
    await hook.scale({ ...llama, replicas: 20 }, 13);
    const line = { level: INFO, workload, mode: 'steer', outcome: 'disagreement', milliseconds: 0, msg: 'scale-down' };
    assert.deepEqual(hook.logged, [line]);
  });

  it('as a warning, that costs could not be written', async () => {
    const hook = observed({
      index: fleet(),
      wrap: (behind) =>
        fleetBut(behind, {
          write: async (writes) => writes.map((_, index) => (index === 0 ? 'written' : 'stale')),
        }),
    });
    await hook.scale(llama, 12);
    assert.deepEqual(
      hook.logged.map(({ level, outcome }) => [level, outcome]),
      [[WARN, 'partial']],
    );
  });

  it('which marks were taken back', async () => {
    const hook = observed({ index: fleet() });
    await hook.scale(llama, 13);
    const [pod] = hook.index.markedPods();
    assert.ok(pod);
    await hook.fleet.write([{ carrier: pod, to: '21', victim: null }], Number.POSITIVE_INFINITY);
    const line = { level: INFO, pods: ['default/llama-13-decode-0-0'], msg: 'marks that led nowhere were taken back' };
    assert.deepEqual(hook.logged.slice(1), [line]);
  });

  it('what was refused, and why', async (t) => {
    const { post, logged } = await observedServer(t, { index: fleet() });
    await post('/validate', scaleReview(llama, -1));
    const about = { path: '/validate', resource: 'modelservings', namespace: 'default', name: 'llama' };
    assert.equal(logged.length, 1);
    const { reason, ...line } = logged[0] ?? {};
    assert.match(String(reason), /^sane-counts: .* negative/);
    assert.deepEqual(line, { level: INFO, ...about, msg: 'refused' });
  });

  it('as a warning, that a review is malformed, without what it holds', async (t) => {
    const { post, logged } = await observedServer(t, { index: fleet() });
    await post('/validate', scaleReview(llama, 5, { object: { spec: 3, data: { password: 'secret' } } }));
    assert.deepEqual(
      logged.map(({ level, msg }) => [level, msg]),
      [[WARN, 'a review could not be judged and was allowed']],
    );
    assert.doesNotMatch(JSON.stringify(logged), /secret/);
  });

  it('what was refused, be its name as long as a review can be', async (t) => {
    const { post, logged } = await observedServer(t, { index: fleet() });
    const long = 'x'.repeat(1_000_000);
    await post('/validate', updateReview(llama, serving(4, { [long]: -1 }), { namespace: long, name: long }));
    await post('/validate', scaleReview(llama, 5, { object: { spec: 3 }, namespace: long, name: long }));
    await post('/validate', scaleReview(llama, 3, { namespace: long, name: long }));
    assert.equal(logged.length, 3);
    assert.ok(JSON.stringify(logged).length < 10_000);
  });

  it('as an error, that packdown itself fails on a review, and on watching itself', async (t) => {
    let isBroken = false;
    const { post, logged, check } = await observedServer(t, {
      index: fleet(),
      wrap: (behind) =>
        fleetBut(behind, {
          snapshot() {
            if (isBroken) throw new TypeError('broken');
            return behind.snapshot();
          },
        }),
    });
    isBroken = true;
    assert.match(await post('/validate', scaleReview(llama, 5)), /"allowed":true/);
    check();
    assert.deepEqual(
      logged.map(({ level }) => level),
      [ERROR, ERROR],
    );
  });
});

describe('the log says nothing of', () => {
  it('scale-ups, what is admitted without a finding, and predictions that were right', async () => {
    const hook = observed({ index: fleet() });
    await hook.scale(llama, 15);
    await hook.scale({ ...llama, replicas: 15 }, 15);
    assert.deepEqual(hook.logged, []);
    hook.index.putWorkload(llama);
    await hook.scale(llama, 13);
    deleteGroups(hook, 'llama-13');
    hook.check();
    assert.equal(hook.logged.length, 1);
  });
});

describe('the log says at debug, besides', () => {
  it('every answer, every cost and what became of a prediction', async (t) => {
    const { post, logged, ...hook } = await observedServer(t, { index: fleet(), logLevel: 'debug' });
    await post('/validate', scaleReview(llama, 13));
    hook.index.putWorkload({ ...llama, replicas: 13 });
    deleteGroups(hook, 'llama-13');
    settle(hook);
    assert.deepEqual(
      logged.map(({ level, msg, ...line }) => [level, msg, line.outcome ?? line.decision]),
      [
        [DEBUG, 'cost', 'written'],
        [INFO, 'scale-down', 'steered'],
        [DEBUG, 'answered', 'allowed'],
        [DEBUG, 'a prediction is settled', 'right'],
      ],
    );
    assert.deepEqual([logged[0]?.pod, logged[0]?.to], ['default/llama-13-decode-0-0', '0']);
  });

  it('scale-downs that decided nothing', async () => {
    const hook = observed({ index: fleet(), logLevel: 'debug' });
    await hook.validate(scaleReview(llama, 13));
    await hook.validate(scaleReview(llama, 13));
    const outcomes = hook.logged
      .filter(({ msg }) => msg === 'scale-down')
      .map(({ level, outcome }) => [level, outcome]);
    assert.deepEqual(outcomes, [
      [INFO, 'steered'],
      [DEBUG, 'unchanged'],
    ]);
  });
});
