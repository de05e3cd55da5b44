import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { appsPod, fleetOf, marksIn, ours } from '../builders/fleet.ts';
import { REVIEW_UID, scaleReview, updateReview } from '../builders/review.ts';
import { deployment, rolledReplicaSet } from '../builders/workload.ts';
import { answerTo, webhook } from './webhook.ts';

const web = deployment(4);
/** What the Deployment controller has made of it: its annotation holds what the Deployment wants of all together. */
const replicaSet = (replicas: number, desired: number, rollout = 1): Workload =>
  rolledReplicaSet(rollout, replicas, desired);
const pods = (of: Workload, count: number) =>
  Array.from({ length: count }, (_, index) => appsPod(of, 'abcd'.charAt(index), { created: index, ...ours(21) }));

function hookOf() {
  const only = replicaSet(4, 4);
  const hook = webhook({ index: fleetOf(pods(only, 4), [web, only]) });
  return { ...hook, marks: () => marksIn(hook.index) };
}

describe('a Deployment that shrinks', () => {
  const deferred = answerTo(REVIEW_UID, {
    allowed: true,
    auditAnnotations: { steering: 'its pods are chosen when the Deployment controller resizes its ReplicaSet' },
  });

  it('is left to the moment when its ReplicaSet shrinks, through /scale and on the object', async () => {
    const { validate, marks } = hookOf();
    assert.equal(JSON.stringify(await validate(scaleReview(web, 3))), deferred);
    assert.equal(JSON.stringify(await validate(updateReview(web, { ...web, replicas: 3 }))), deferred);
    assert.deepEqual(marks(), []);
  });
});

describe('a ReplicaSet that its Deployment’s controller shrinks', () => {
  it('is steered when the Deployment was scaled, which changes the count that it wants', async () => {
    const { validate, marks } = hookOf();
    assert.equal(
      JSON.stringify(await validate(updateReview(replicaSet(4, 4), replicaSet(3, 3)))),
      answerTo(REVIEW_UID, {
        allowed: true,
        auditAnnotations: { victims: 'web-1-d' },
        warnings: ['packdown: web-1-d will go'],
      }),
    );
    assert.deepEqual(marks(), ['web-1-d']);
  });

  it('is left alone when a rollout empties it, which does not', async () => {
    const { index, validate, marks } = hookOf();
    index.putWorkload(replicaSet(0, 4, 2));
    assert.equal(
      JSON.stringify(await validate(updateReview(replicaSet(4, 4), replicaSet(3, 4)))),
      answerTo(REVIEW_UID, {
        allowed: true,
        auditAnnotations: { steering: 'a rollout empties it, and the Deployment keeps its count' },
      }),
    );
    assert.deepEqual(marks(), []);
  });

  it('is steered where nobody says what the Deployment wants, as in a review by hand, unless another takes over', async () => {
    const bare = (replicas: number) => ({ ...replicaSet(replicas, 0), annotations: {} });
    const index = fleetOf(pods(bare(4), 4), [web, bare(4)]);
    const { validate } = webhook({ index });
    const review = updateReview(bare(4), bare(3));
    index.putWorkload(replicaSet(1, 4, 2));
    assert.match(JSON.stringify(await validate(review)), /a rollout empties it/);
    index.putWorkload(replicaSet(0, 4, 2));
    assert.match(JSON.stringify(await validate(review)), /"victims":"web-1-d"/);
  });

  it('is steered as the newest, which a rollout only adds to, when its share of the surge is taken from it', async () => {
    const [older, newer] = [replicaSet(1, 2), replicaSet(3, 2, 2)];
    const index = fleetOf([...pods(older, 1), ...pods(newer, 3)], [web, older, newer]);
    const { validate } = webhook({ index });
    const answer = JSON.stringify(await validate(updateReview(newer, replicaSet(2, 2, 2))));
    assert.match(answer, /"victims":"web-2-c"/);
    // The older one is emptied, whatever it has.
    assert.match(JSON.stringify(await validate(updateReview(older, replicaSet(0, 2)))), /a rollout empties it/);
  });

  it('is steered beside another one in the middle of a rollout, when the Deployment was scaled', async () => {
    const [older, newer] = [replicaSet(2, 4), replicaSet(2, 4, 2)];
    const index = fleetOf([...pods(older, 2), ...pods(newer, 2)], [web, older, newer]);
    const { validate } = webhook({ index });
    assert.match(
      JSON.stringify(await validate(updateReview(older, replicaSet(1, 3)))),
      /"auditAnnotations":\{"victims":"web-1-b"\}/,
    );
  });
});

describe('a ReplicaSet of nobody', () => {
  it('is steered through /scale', async () => {
    const lonely = { ...replicaSet(2, 2), owner: null };
    const { validate } = webhook({ index: fleetOf(pods(lonely, 2), [lonely]) });
    assert.match(JSON.stringify(await validate(scaleReview(lonely, 1))), /"victims":"web-1-b"/);
  });
});

describe('a StatefulSet that shrinks', () => {
  it('is told which pods go, and nothing is written, for its controller reads no costs', async () => {
    const db = deployment(3, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });
    const index = fleetOf(
      [0, 1, 2].map((ordinal) => appsPod(db, ordinal)),
      [db],
    );
    const { version } = index;
    const { validate } = webhook({ index });
    assert.equal(
      JSON.stringify(await validate(scaleReview(db, 1))),
      answerTo(REVIEW_UID, {
        allowed: true,
        auditAnnotations: { victims: 'db-2,db-1' },
        warnings: ['packdown: db-2, db-1 will go'],
      }),
    );
    assert.equal(index.version, version);
  });
});
