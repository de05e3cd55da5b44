import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import { SILENCE_LIMIT } from '../../src/domain/fleet/silence.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { listTexts, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { appsPod, fleetBut, fleetOf } from '../builders/fleet.ts';
import { scaleReview, updateReview } from '../builders/review.ts';
import { deployment, evenRatio, rolledReplicaSet, serving } from '../builders/workload.ts';
import { configOf, webhook } from './webhook.ts';

const web = deployment(4);
const replicaSet = (rollout: number, replicas: number, desired = 4): Workload =>
  rolledReplicaSet(rollout, replicas, desired);

/** Why it was refused, null when it was not. */
async function refusal(
  body: object,
  workloads: readonly Workload[],
  meanwhile = () => undefined,
): Promise<string | null> {
  const hook = webhook({ index: fleetOf([], workloads), meanwhile });
  return textOf(objectAt(await hook.validate(body), 'response', 'status').message);
}

const refused = (from: number, to: number) =>
  `owned: replicas go from ${from} to ${to}, but Deployment/default/web asks for 4; scale Deployment/default/web instead`;

describe('a ReplicaSet that is scaled past its Deployment', () => {
  const set = replicaSet(1, 4);

  it('is refused on the object and on /scale', async () => {
    for (const body of [scaleReview(set, 2), updateReview(set, replicaSet(1, 2))]) {
      assert.equal(await refusal(body, [web, set]), refused(4, 2));
    }
  });

  it('may come back to what the Deployment asks for, or nearer to it', async () => {
    const strayed = replicaSet(1, 9);
    assert.equal(await refusal(scaleReview(strayed, 4), [web, strayed]), null);
    assert.equal(await refusal(scaleReview(strayed, 6), [web, strayed]), null);
    assert.equal(await refusal(scaleReview(strayed, 10), [web, strayed]), refused(9, 10));
  });

  it('may be taken to zero, as a Deployment that recreates does before it creates', async () => {
    assert.equal(await refusal(updateReview(set, replicaSet(1, 0)), [web, set]), null);
  });

  it('is let through whatever it asks for, with a word, when the fleet does not show the Deployment', async () => {
    const response = objectAt(
      await webhook({ index: fleetOf([], [set]) }).validate(scaleReview(set, 20_000)),
      'response',
    );
    assert.equal(response.allowed, true);
    assert.equal(
      listTexts(response, 'warnings')[0],
      'Deployment/default/web, which owns ReplicaSet/default/web-1, is not in the fleet (yet): allowed without a look at what it asks for',
    );
  });

  it('is let through without a word where no count changes, though no Deployment is seen', async () => {
    const { validate } = webhook({ index: fleetOf([], [set]) });
    const noted = { ...set, annotations: { ...set.annotations, note: 'of somebody else' } };
    const response = objectAt(await validate(updateReview(set, noted)), 'response');
    assert.deepEqual([response.allowed, response.warnings], [true, undefined]);
  });
});

describe('what the Deployment’s controller writes is never refused', () => {
  it('when it carries out a number that other rules would refuse', async () => {
    const many = { ...web, replicas: 20_000 };
    assert.equal(
      await refusal(updateReview(replicaSet(1, 4), replicaSet(1, 20_000, 20_000)), [many, replicaSet(1, 4)]),
      null,
    );
  });

  it('when it has seen the Deployment scaled before the fleet shows it', async () => {
    assert.equal(await refusal(updateReview(replicaSet(1, 4), replicaSet(1, 8, 8)), [web, replicaSet(1, 4)]), null);
    assert.equal(await refusal(updateReview(replicaSet(1, 4), replicaSet(1, 2, 2)), [web, replicaSet(1, 4)]), null);
  });

  /** Four replicas, a quarter of them more and a quarter fewer allowed: both ReplicaSets, step by step. */
  const rollout = [
    [4, 1],
    [3, 1],
    [3, 2],
    [2, 2],
    [2, 3],
    [1, 3],
    [1, 4],
    [0, 4],
  ] as const;

  it('at any step of a rollout', async () => {
    for (const [step, [older, newer]] of rollout.entries()) {
      const [olderNext, newerNext] = rollout[step + 1] ?? [older, newer];
      const fleet = [web, replicaSet(1, older), replicaSet(2, newer)];
      assert.equal(await refusal(updateReview(replicaSet(1, older), replicaSet(1, olderNext)), fleet), null);
      assert.equal(await refusal(updateReview(replicaSet(2, newer), replicaSet(2, newerNext)), fleet), null);
    }
  });

  it('at the first step of a rollout that adds nothing before it takes something away', async () => {
    const fleet = [web, replicaSet(1, 4), replicaSet(2, 0)];
    assert.equal(await refusal(updateReview(replicaSet(1, 4), replicaSet(1, 3)), fleet), null);
    assert.equal(await refusal(updateReview(replicaSet(2, 0), replicaSet(2, 1)), fleet), null);
  });

  it('back to an older ReplicaSet, which is then the newest', async () => {
    const back = { ...replicaSet(3, 0), name: 'web-1', uid: 'uid-of-web-1' };
    const fleet = [web, back, replicaSet(2, 4)];
    assert.equal(await refusal(updateReview(replicaSet(2, 4), replicaSet(2, 3)), fleet), null);
    assert.equal(await refusal(updateReview(back, { ...back, replicas: 1 }), fleet), null);
  });

  it('when a scaling in the middle of a rollout is shared out', async () => {
    const fleet = [{ ...web, replicas: 10 }, replicaSet(1, 3), replicaSet(2, 2)];
    assert.equal(await refusal(updateReview(replicaSet(1, 3), replicaSet(1, 7, 10)), fleet), null);
    assert.equal(await refusal(updateReview(replicaSet(2, 2), replicaSet(2, 5, 10)), fleet), null);
  });

  it('when the watch shows the new ReplicaSet of a rollout a moment after the old one is scaled down', async () => {
    const index = fleetOf([], [web, replicaSet(1, 4)]);
    const { clock, validate } = webhook({
      index,
      config: configOf('steering: {settle: 150ms}'),
      meanwhile: () => index.putWorkload(replicaSet(2, 1)),
    });
    const before = clock.now();
    const response = objectAt(await validate(updateReview(replicaSet(1, 4), replicaSet(1, 3))), 'response');
    assert.equal(response.allowed, true);
    assert.equal(clock.now() - before, 150);
  });
});

describe('a refusal', () => {
  it('waits for the watches as well where the ratio is another object’s', async () => {
    const chat = (decode: number) => serving(2, { prefill: 2, decode });
    const index = fleetOf([], [chat(2)]);
    index.putRatioPolicy(evenRatio(chat(2)));
    let waits = 0;
    const meanwhile = () => {
      waits += 1;
      index.deleteRatioPolicy('default', 'p');
    };
    const response = objectAt(await webhook({ index, meanwhile }).validate(updateReview(chat(2), chat(4))), 'response');
    assert.deepEqual([response.allowed, waits], [true, 1]);
  });

  it('waits for the watches only when it rests on another object', async () => {
    let waits = 0;
    const count = () => {
      waits += 1;
      return undefined;
    };
    assert.match((await refusal(scaleReview(web, 20_000), [web], count)) ?? '', /^sane-counts: /);
    assert.equal(waits, 0);
    assert.equal(await refusal(scaleReview(replicaSet(1, 4), 2), [web, replicaSet(1, 4)], count), refused(4, 2));
    assert.equal(waits, 1);
  });
});

describe('a fleet that has not been heard of for too long', () => {
  const set = replicaSet(1, 4);
  const responseAt = async (staleness: number | null, body: object) => {
    const wrap = (fleet: Fleet): Fleet => fleetBut(fleet, { staleness: () => staleness });
    return objectAt(await webhook({ index: fleetOf([], [web, set]), wrap }).validate(body), 'response');
  };

  it('refuses nothing for another object’s sake, on /scale or on the object, and says what it would have refused', async () => {
    for (const body of [scaleReview(set, 2), updateReview(set, replicaSet(1, 2))]) {
      const { allowed, ...response } = await responseAt(SILENCE_LIMIT + 1, body);
      assert.equal(allowed, true);
      assert.ok(listTexts(response, 'warnings').includes(refused(4, 2)));
    }
    assert.equal((await responseAt(SILENCE_LIMIT, scaleReview(set, 2))).allowed, false);
  });

  it('still refuses what the review alone shows', async () => {
    assert.equal((await responseAt(null, updateReview(web, { ...web, replicas: 20_000 }))).allowed, false);
  });
});

describe('a Deployment that an operator owns', () => {
  const operators = [
    { apiVersion: 'serving.kserve.io/v1beta1', kind: 'InferenceService', name: 'llm', uid: 'uid-of-llm' },
    { apiVersion: 'serving.knative.dev/v1', kind: 'Revision', name: 'llm-00001', uid: 'uid-of-llm' },
  ];
  for (const operator of operators) {
    const managed: Workload = { ...web, owner: operator };
    const pods = Array.from({ length: 4 }, (_, index) => appsPod(replicaSet(1, 4), index));

    it(`is scaled by its HPA as if ${operator.kind} were not there, without a word about it`, async () => {
      for (const to of [1, 3, 9]) {
        const index = fleetOf(pods, [managed, replicaSet(1, 4)]);
        const response = objectAt(await webhook({ index }).validate(scaleReview(managed, to)), 'response');
        assert.equal(response.allowed, true);
        assert.deepEqual(listTexts(response, 'warnings'), []);
      }
    });

    it(`is held to the rules as any other, whatever ${operator.kind} asks for`, async () => {
      assert.match((await refusal(scaleReview(managed, 20_000), [managed])) ?? '', /^sane-counts: /);
    });
  }
});
