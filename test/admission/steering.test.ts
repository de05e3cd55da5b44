import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { objectAt } from '../../src/workloads/core/json.ts';
import { fleetOf, NOW, ours, servingGroup } from '../builders/fleet.ts';
import { objectOf, REVIEW_UID, scaleReview, updateReview } from '../builders/review.ts';
import { serving } from '../builders/workload.ts';
import { at, costsOf, llama, marked, pods, saysTwo, scale, steered } from './ten-groups.ts';
import { answerTo, configOf, type WebhookOptions, webhook } from './webhook.ts';

describe('a scale-down that is allowed', () => {
  it('writes the cost, the owner record and the mark of every victim, nothing else, and says so', async () => {
    const hook = steered();
    assert.equal(await scale(hook, 10, 8), saysTwo);
    for (const pod of hook.index.pods()) {
      const isVictim = ['llama-8', 'llama-9'].some((group) => pod.name.startsWith(group));
      assert.equal(pod.costOwner, pod.cost);
      assert.equal(Number(pod.cost) < 21, isVictim, `${pod.name} costs ${pod.cost}`);
      assert.deepEqual(pod.victim, isVictim ? { unit: pod.name.slice(0, 7), since: NOW } : null);
    }
  });

  it('says in the audit annotations where it is a step towards the target set', async () => {
    const audit = async (options: WebhookOptions) =>
      objectAt(await steered(options).validate(scaleReview(at(10), 8)), 'response', 'auditAnnotations');
    assert.deepEqual(await audit({ targetSet: ['n0', 'n1'] }), {
      victims: 'llama-1,llama-0',
      'nodes-freed': 'n0',
      step: 'a step towards the target set: it may free less now than it could, so that later ones free more',
    });
    assert.equal((await audit({ targetSet: ['elsewhere'] })).step, undefined);
  });

  it('is no step towards the target set where it is only observed: what comes before the last is not carried out', async () => {
    const config = configOf('mode: observe');
    const [withOne, withNone] = await Promise.all(
      [['n0', 'n1'], []].map((targetSet) => steered({ config, targetSet }).validate(scaleReview(at(10), 8))),
    );
    assert.deepEqual(withOne, withNone);
    assert.equal(objectAt(withOne, 'response', 'auditAnnotations')['nodes-freed'], 'n4');
  });

  it('is steered alike when the object itself is written', async () => {
    const [hook, other] = [steered(), steered()];
    assert.equal(JSON.stringify(await hook.validate(updateReview(llama, at(8)))), saysTwo);
    await scale(other, 10, 8);
    assert.deepEqual(costsOf(hook), costsOf(other));
  });

  it('names three victims in the warning and all of them in the audit annotation', async () => {
    assert.equal(
      await scale(steered(), 10, 5),
      answerTo(REVIEW_UID, {
        allowed: true,
        auditAnnotations: { victims: 'llama-9,llama-8,llama-7,llama-6,llama-5', 'nodes-freed': 'n3,n4' },
        warnings: ['packdown: llama-9, llama-8, llama-7 and 2 more will go, which frees n3, n4'],
      }),
    );
  });

  it('writes nothing in a dry run', async () => {
    const hook = steered();
    assert.equal(await scale(hook, 10, 8, { dryRun: true }), answerTo(REVIEW_UID, { allowed: true }));
    assert.deepEqual(costsOf(hook), costsOf(steered()));
  });

  it('writes nothing when it is refused', async () => {
    const hook = steered({ config: configOf('limits: {maxReplicas: 5}') });
    assert.match(await scale(hook, 10, 8.5), /"allowed":false/);
    assert.deepEqual(marked(hook), []);
  });

  it('of groups and roles at once, where that is let through, is steered for the groups: the roles are not settled yet', async () => {
    const wide = serving(3, { decode: 2 });
    const index = fleetOf(
      [0, 1, 2].flatMap((group) => servingGroup(wide, group, () => ours(21))),
      [wide],
    );
    const hook = webhook({ index, config: configOf('rules: {single-level: off}') });
    const answer = JSON.stringify(await hook.validate(updateReview(wide, serving(2, { decode: 1 }))));
    assert.match(answer, /"victims":"llama-2"/);
    assert.deepEqual([...new Set(marked(hook))], ['llama-2']);
  });

  it('to none says that the last one goes, and what that frees', async () => {
    const last = serving(1, { decode: 1 });
    const hook = webhook({ index: fleetOf(servingGroup(last, 0), [last]) });
    const { auditAnnotations, warnings } = objectAt(await hook.validate(scaleReview(last, 0)), 'response');
    assert.deepEqual(auditAnnotations, { victims: 'llama-0', 'nodes-freed': 'n1' });
    assert.deepEqual(warnings, ['packdown: llama-0 will go, which frees n1']);
  });

  it('marks role replicas where a role shrinks', async () => {
    const wide = serving(2, { decode: 3 });
    const index = fleetOf(
      [0, 1].flatMap((group) => servingGroup(wide, group, () => ours(21))),
      [wide],
    );
    const hook = webhook({ index });
    const answer = JSON.stringify(await hook.validate(updateReview(wide, serving(2, { decode: 2 }))));
    assert.match(answer, /"victims":"llama-0\/decode-2,llama-1\/decode-2"/);
    assert.deepEqual(marked(hook), ['llama-0/decode-2', 'llama-1/decode-2']);
  });
});

describe('a scale-up', () => {
  it('writes nothing and says nothing', async () => {
    const hook = steered();
    assert.equal(await scale(hook, 10, 12), answerTo(REVIEW_UID, { allowed: true }));
    assert.deepEqual(costsOf(hook), costsOf(steered()));
  });
});

describe('reviews in a row', () => {
  it('of one request, the second with another uid, write once', async () => {
    const hook = steered();
    await scale(hook, 10, 8);
    const { version } = hook.index;
    hook.clock.time += 4;
    assert.equal(await scale(hook, 10, 8, { uid: '2' }), saysTwo.replace(REVIEW_UID, '2'));
    assert.equal(hook.index.version, version);
  });

  for (const shown of [10, 8]) {
    it(`from 10 to 8 to 7 before any deletion mark one more, while the fleet shows ${shown}`, async () => {
      const hook = steered();
      await scale(hook, 10, 8);
      hook.index.putWorkload(at(shown));
      assert.match(await scale(hook, 8, 7), /"auditAnnotations":\{"victims":"llama-7"\}/);
      assert.deepEqual(marked(hook), ['llama-7', 'llama-8', 'llama-9']);
    });
  }

  it('from 10 to 8 to 7 are the same as one from 10 to 7 to its controller', async () => {
    const [inTwo, inOne] = [steered(), steered()];
    await scale(inTwo, 10, 8);
    await scale(inTwo, 8, 7);
    await scale(inOne, 10, 7);
    assert.deepEqual(marked(inTwo), marked(inOne));
  });

  it('from 10 to 8 to 10 to 9 take one that is marked already, though another would then be worth more', async () => {
    const hook = steered();
    await scale(hook, 10, 8);
    await scale(hook, 8, 10);
    for (const pod of [...hook.index.pods()]) {
      if (pod.name.startsWith('llama-1-')) hook.index.putPod({ ...pod, keep: -1000 });
    }
    assert.match(await scale(hook, 10, 9), /"victims":"llama-9"/);
    assert.ok(marked(hook).includes('llama-9'));
    assert.ok(!marked(hook).includes('llama-1'));
  });

  it('are forgotten after steering.takeBack, with the marks that they left', async () => {
    const hook = steered({ config: configOf('steering: {takeBack: 1m}') });
    await scale(hook, 10, 8);
    hook.clock.time += 60_000;
    assert.match(await scale(hook, 8, 7), /llama has 10 replicas in the fleet, not 8; nothing was steered/);
    assert.deepEqual(marked(hook), ['llama-8', 'llama-9']);
  });
});

describe('a review that the fleet contradicts', () => {
  const named = 'packdown: ModelServing/default/llama';
  const cases: readonly [title: string, body: object, warnings: readonly string[]][] = [
    [
      'with another uid, on the object,',
      updateReview({ ...llama, uid: 'forged' }, { ...at(8), uid: 'forged' }),
      [`${named} has another uid in the fleet; nothing was steered`],
    ],
    [
      'with another uid, through /scale,',
      scaleReview({ ...llama, uid: 'forged' }, 8),
      [
        'ModelServing/default/llama is not in the fleet (yet): only its count was checked',
        `${named} has another uid in the fleet; nothing was steered`,
      ],
    ],
    [
      'without a uid',
      scaleReview(llama, 8, { oldObject: { metadata: { name: 'llama' }, spec: { replicas: 10 } } }),
      ['packdown: the review gives no uid of ModelServing/default/llama; nothing was steered'],
    ],
    [
      'from a count that the fleet does not have',
      scaleReview(at(9), 7),
      [`${named} has 10 replicas in the fleet, not 9; nothing was steered`],
    ],
    [
      'from a role count that the fleet does not have',
      updateReview(serving(10, { decode: 3 }), serving(10, { decode: 2 })),
      [`${named}:decode has 1 replicas in the fleet, not 3; nothing was steered`],
    ],
    [
      'of a workload that the fleet does not hold',
      updateReview({ ...llama, name: 'mistral' }, { ...at(8), name: 'mistral' }),
      ['packdown: ModelServing/default/mistral is not in the fleet; nothing was steered'],
    ],
    [
      'of the same name in another namespace',
      updateReview({ ...llama, namespace: 'other' }, { ...at(8), namespace: 'other' }),
      ['packdown: ModelServing/other/llama is not in the fleet; nothing was steered'],
    ],
  ];
  for (const [title, body, warnings] of cases) {
    it(`${title} writes nothing, and says so`, async () => {
      const hook = steered();
      assert.equal(JSON.stringify(await hook.validate(body)), answerTo(REVIEW_UID, { allowed: true, warnings }));
      assert.deepEqual(costsOf(hook), costsOf(steered()));
    });
  }

  it('cannot reach a workload in an exempt namespace by naming another in the request', async () => {
    const quiet = { ...llama, namespace: 'quiet' };
    const index = fleetOf(
      pods.map((pod) => ({ ...pod, namespace: 'quiet' })),
      [quiet],
    );
    const hook = webhook({ index, config: configOf('exemptNamespaces: [quiet]') });
    const forged = updateReview(quiet, { ...quiet, replicas: 8 }, { namespace: 'default' });
    assert.match(JSON.stringify(await hook.validate(forged)), /ModelServing\/default\/llama is not in the fleet/);
    assert.deepEqual(marked(hook), []);
  });

  it('cannot turn the uid of the new object on another workload', async () => {
    const other = serving(3, { decode: 1 }, { name: 'mistral', uid: 'uid-of-mistral' });
    const others = [0, 1, 2].flatMap((group) => servingGroup(other, group, () => ours(21)));
    const hook = webhook({ index: fleetOf([...pods, ...others], [llama, other]) });
    await hook.validate(updateReview(llama, at(8), { object: objectOf({ ...at(8), uid: other.uid }) }));
    assert.deepEqual(marked(hook), ['llama-8', 'llama-9']);
  });
});
