import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { admissionHandler } from '../../src/admission/handler.ts';
import { Steering } from '../../src/admission/steering.ts';
import { validateAndSteer } from '../../src/admission/validate.ts';
import type { FleetWrite } from '../../src/domain/fleet/cost-write.ts';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { fleetBut, fleetOf, ours, servingGroup } from '../builders/fleet.ts';
import { objectOf, REVIEW_UID, scaleReview, updateReview } from '../builders/review.ts';
import { serving } from '../builders/workload.ts';
import { answerTo, configOf, webhook } from './webhook.ts';

const llama = serving(20, { decode: 2 });
const mistral = serving(20, { decode: 1 }, { name: 'mistral', uid: 'uid-of-mistral' });
const quiet = serving(
  4,
  { decode: 1 },
  { name: 'quiet', uid: 'uid-of-quiet', annotations: { 'packdown.io/steering': 'off' } },
);
const workloads = [llama, mistral, quiet];
const pods = workloads.flatMap((workload) =>
  Array.from({ length: workload.replicas }, (_, group) => servingGroup(workload, group, () => ours(21))).flat(),
);

/** The webhook over three workloads, and everything that it writes. */
function attacked(config = configOf('steering: {settle: 0ms}')) {
  const writes: FleetWrite[] = [];
  const wrap = (fleet: Fleet): Fleet =>
    fleetBut(fleet, {
      write(batch, deadline) {
        writes.push(...batch.flat());
        return fleet.write(batch, deadline);
      },
    });
  const hook = webhook({ index: fleetOf(pods, workloads), config, wrap });
  return { ...hook, writes, scale: (workload: Workload, to: number) => hook.validate(scaleReview(workload, to)) };
}

const tooOften = (name: string) =>
  answerTo(REVIEW_UID, {
    allowed: true,
    warnings: [`packdown: ModelServing/default/${name} was steered too often; nothing was written`],
  });

describe('a review that does not fit the fleet is allowed and writes nothing:', () => {
  const named = (fields: Partial<Workload>): Workload => ({ ...llama, ...fields });
  const oneRoleLess = { ...llama, roles: llama.roles.map((role) => ({ ...role, replicas: 1 })) };
  const threeOfRole = { ...llama, roles: llama.roles.map((role) => ({ ...role, replicas: 3 })) };
  const ofRouters = (replicas: number): Workload => ({
    ...llama,
    roles: llama.roles.map((role) => ({ ...role, name: 'router', replicas })),
  });
  const cases: readonly [title: string, body: object, says: string][] = [
    ['another uid', scaleReview(named({ uid: 'forged' }), 10), 'has another uid in the fleet'],
    [
      'no uid',
      updateReview(named({ uid: '' }), { ...llama, replicas: 10 }),
      'the review gives no uid of ModelServing/default/llama',
    ],
    ['the uid of another workload', scaleReview(llama, 10, { name: 'mistral' }), 'has another uid in the fleet'],
    ['another old count', scaleReview(named({ replicas: 21 }), 10), 'has 20 replicas in the fleet, not 21'],
    ['another old count of a role', updateReview(threeOfRole, oneRoleLess), 'has 2 replicas in the fleet, not 3'],
    ['a role that is not there', updateReview(ofRouters(2), ofRouters(1)), 'has no replicas in the fleet, not 2'],
    ['another name', scaleReview(named({ name: 'forged' }), 10), 'is not in the fleet'],
    ['another namespace', scaleReview(named({ namespace: 'forged' }), 10), 'is not in the fleet'],
    ['another kind', scaleReview(named({ group: 'apps', kind: 'ReplicaSet', roles: [] }), 10), 'is not in the fleet'],
  ];
  for (const [title, body, says] of cases) {
    it(title, async () => {
      const hook = attacked();
      const answer = JSON.stringify(await hook.validate(body));
      assert.match(answer, /"allowed":true/);
      assert.ok(answer.includes(`${says}; nothing was steered`), answer);
      assert.deepEqual(hook.writes, []);
    });
  }

  it('an object that leaves out the annotation by which the workload is not steered', async () => {
    const hook = attacked();
    const body = updateReview(quiet, { ...quiet, annotations: {}, replicas: 1 });
    assert.equal(JSON.stringify(await hook.validate(body)), answerTo(REVIEW_UID, { allowed: true }));
    assert.deepEqual(hook.writes, []);
  });
});

describe('a review that names one workload and holds another object', () => {
  it('writes to no pod but those of the workload that it names', async () => {
    const hook = attacked();
    const object = objectOf({ ...llama, name: 'mistral', replicas: 10 });
    await hook.validate(updateReview(llama, { ...llama, replicas: 19 }, { object }));
    assert.ok(hook.writes.length > 0);
    assert.deepEqual([...new Set(hook.writes.map(({ carrier }) => carrier.controller?.name))], ['llama']);
  });
});

describe('a review that is replayed', () => {
  it('writes what it wrote the first time and no more, and leaves room for others', async () => {
    const hook = attacked();
    await hook.scale(llama, 18);
    const once = hook.writes.length;
    for (let time = 0; time < 50; time += 1) await hook.scale(llama, 18);
    assert.equal(hook.writes.length, once);
    assert.match(JSON.stringify(await hook.scale(llama, 17)), /"victims":/);
  });

  it('writes nothing once its change has been made', async () => {
    const hook = attacked();
    await hook.scale(llama, 18);
    hook.index.putWorkload({ ...llama, replicas: 18 });
    const once = hook.writes.length;
    assert.match(
      JSON.stringify(await hook.scale(llama, 18)),
      /has 18 replicas in the fleet, not 20; nothing was steered/,
    );
    assert.equal(hook.writes.length, once);
  });
});

describe('a workload that is steered again and again by callers without a client certificate', () => {
  /** Ten reviews, each of which makes one more group a victim. */
  async function exhausted() {
    const hook = attacked();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => hook.scale(llama, 19 - index)));
    for (const answer of answers) assert.match(JSON.stringify(answer), /"victims":/);
    return { hook, written: hook.writes.length };
  }

  it('is let be after ten, with a warning, and the change is allowed', async () => {
    const { hook, written } = await exhausted();
    assert.equal(JSON.stringify(await hook.scale(llama, 9)), tooOften('llama'));
    assert.equal(hook.writes.length, written);
  });

  it('never gets more writes than its victims have pods', async () => {
    const { written } = await exhausted();
    assert.equal(written, 10 * 2);
  });

  it('is steered once more after six seconds', async () => {
    const { hook, written } = await exhausted();
    hook.clock.time += 5_999;
    await hook.scale(llama, 9);
    assert.equal(hook.writes.length, written);
    hook.clock.time += 1;
    await hook.scale(llama, 9);
    assert.equal(hook.writes.length, written + 2);
    assert.equal(JSON.stringify(await hook.scale(llama, 8)), tooOften('llama'));
  });

  it('does not keep others from being steered', async () => {
    const { hook } = await exhausted();
    assert.match(JSON.stringify(await hook.scale(mistral, 19)), /"victims":/);
  });

  it('is told what is going without being limited, where the marks are there already', async () => {
    const { hook, written } = await exhausted();
    assert.match(JSON.stringify(await hook.scale(llama, 10)), /"victims":/);
    assert.equal(hook.writes.length, written);
  });

  it('is observed without a limit', async () => {
    const hook = attacked(configOf('mode: observe'));
    for (let to = 19; to > 0; to -= 1) assert.match(JSON.stringify(await hook.scale(llama, to)), /would go/);
    assert.deepEqual(hook.writes, []);
  });
});

describe('callers with a client certificate', () => {
  it('may steer a workload as often as they like', async () => {
    const { fleet, config, clock, writes } = attacked();
    const steering = new Steering({ fleet, config, now: clock.now, wait: clock.wait, provenCallers: true });
    const validate = admissionHandler(
      (request) => validateAndSteer(request, fleet, config, steering),
      (_request, _decision, problem) => assert.equal(problem, null),
    );
    for (let to = 19; to > 0; to -= 1) {
      assert.match(JSON.stringify(await validate(scaleReview(llama, to))), /"victims":/);
    }
    assert.equal(writes.length, 19 * 2);
  });
});
