import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { objectAt, textOf } from '../../src/workloads/core/json.ts';
import { fleetOf } from '../builders/fleet.ts';
import { objectOf, REVIEW_UID, scaleReview, updateReview } from '../builders/review.ts';
import { deployment, partition, type RoleCounts, serving } from '../builders/workload.ts';
import { answerTo, configOf, webhook } from './webhook.ts';

const ALLOWED = answerTo(REVIEW_UID, { allowed: true });

const roles = (prefill: RoleCounts[string], decode: RoleCounts[string]) => ({ prefill, decode });
const llama = serving(4, roles(1, { replicas: 4, gangMinimum: 2 }));

/** The answer to one review by a webhook with an empty fleet, but for the workloads given. */
async function answerOf(body: object, config = '', workloads: readonly Workload[] = []): Promise<string> {
  return JSON.stringify(await webhook({ index: fleetOf([], workloads), config: configOf(config) }).validate(body));
}

/** Why it was refused, null when it was not. */
async function refusal(body: object, config = '', workloads: readonly Workload[] = []): Promise<string | null> {
  return textOf(objectAt(JSON.parse(await answerOf(body, config, workloads)), 'response', 'status').message);
}

const gangFloor =
  'gang-floor: role decode would have 1 replica per group, its gang needs 2; ' +
  'scale groups instead, or create it anew with a smaller gang';
const brokenGang = updateReview(llama, serving(4, roles(1, { replicas: 1, gangMinimum: 2 })));

describe('a refusal', () => {
  it('has code 403, reason Forbidden and every finding, byte for byte', async () => {
    const next = serving(3, roles(1, { replicas: 0, gangMinimum: 2 }));
    const message =
      'single-level: groups go from 4 to 3, role decode goes from 4 to 0, all in one update; ' +
      'change the groups first, then the roles in another update; ' +
      'gang-floor: role decode would have 0 replicas per group, its gang needs 2; ' +
      'scale groups instead, or create it anew with a smaller gang; ' +
      'pd-both-or-none: role decode would have 0 replicas per group and role prefill 1 replica; ' +
      'scale both to 0 in one update, or keep at least 1 replica of decode';
    assert.equal(
      await answerOf(updateReview(llama, next)),
      answerTo(REVIEW_UID, { allowed: false, status: { code: 403, reason: 'Forbidden', message } }),
    );
  });

  it('is the same for a dry run', async () => {
    const dryRun = { ...brokenGang, request: { ...objectAt(brokenGang, 'request'), dryRun: true } };
    assert.equal(await answerOf(dryRun), await answerOf(brokenGang));
    assert.equal(await refusal(brokenGang), gangFloor);
  });

  it('comes with the warnings of rules that only warn', async () => {
    const response = objectAt(JSON.parse(await answerOf(brokenGang, 'rules: {gang-floor: warn}')), 'response');
    assert.deepEqual(response, { uid: REVIEW_UID, allowed: true, warnings: [gangFloor, ...NOT_STEERED] });
    const both = updateReview(llama, serving(3, roles(1, { replicas: 1, gangMinimum: 2 })));
    const mixed = objectAt(JSON.parse(await answerOf(both, 'rules: {gang-floor: warn}')), 'response');
    assert.equal(mixed.allowed, false);
    assert.deepEqual(mixed.warnings, [gangFloor]);
  });
});

const NOT_STEERED = ['packdown: ModelServing/default/llama is not in the fleet; nothing was steered'];

describe('/scale', () => {
  const protectedGroups = { ...llama, partition: partition(3) };
  const partitionFloor =
    'partition-floor: there would be 2 groups, the partition protects 3; keep 3 groups, scale to 0, or lower the partition';

  it('is judged by what the fleet knows of its parent', async () => {
    assert.equal(await refusal(scaleReview(protectedGroups, 2), '', [protectedGroups]), partitionFloor);
    assert.equal(await refusal(updateReview(protectedGroups, { ...protectedGroups, replicas: 2 })), partitionFloor);
    assert.equal(await refusal(scaleReview(protectedGroups, 3), '', [protectedGroups]), null);
  });

  it('to zero, which arrives without a count, is no scale to the default of 1', async () => {
    assert.equal(await refusal(scaleReview(protectedGroups, 0), '', [protectedGroups]), null);
    assert.notEqual(await refusal(scaleReview(protectedGroups, 1), '', [protectedGroups]), null);
  });

  it('counts for what it says itself, and not for what it says its prototype had', async () => {
    const object = JSON.parse('{"__proto__":{"spec":{"replicas":2}},"spec":{"__proto__":{"replicas":2},"replicas":3}}');
    assert.equal(await refusal(scaleReview(protectedGroups, 3, { object }), '', [protectedGroups]), null);
    const inherited = JSON.parse('{"spec":{"__proto__":{"replicas":2}}}');
    assert.equal(await refusal(scaleReview(protectedGroups, 0, { object: inherited }), '', [protectedGroups]), null);
    const labels = JSON.parse('{"__proto__":{"packdown.io/ignore":"true"},"app":"llama"}');
    const next = {
      ...objectAt(updateReview(protectedGroups, { ...protectedGroups, replicas: 2 }), 'request', 'object'),
    };
    const labelled = { ...next, metadata: { ...objectAt(next, 'metadata'), labels } };
    const asked = updateReview(protectedGroups, protectedGroups, { object: labelled });
    assert.equal(await refusal(asked), partitionFloor);
  });

  it('of a workload that the fleet does not hold is judged by its count alone, and says so', async () => {
    const notice = 'ModelServing/default/llama is not in the fleet (yet): only its count was checked';
    assert.equal(
      await answerOf(scaleReview(protectedGroups, 2)),
      answerTo(REVIEW_UID, { allowed: true, warnings: [notice, ...NOT_STEERED] }),
    );
    assert.match((await refusal(scaleReview(protectedGroups, 10_001))) ?? '', /^sane-counts: /);
  });

  it('of an object that was created anew under the same name is judged by its count alone', async () => {
    const anew = { ...protectedGroups, uid: 'uid-of-another-llama' };
    assert.equal(await refusal(scaleReview(protectedGroups, 2), '', [anew]), null);
  });

  it('to the largest count that Kubernetes knows is answered at once, even where no rule refuses it', async () => {
    const most = scaleReview(protectedGroups, 2_147_483_647);
    assert.equal(await refusal(most, 'rules: {sane-counts: off}', [protectedGroups]), null);
  });

  it('is judged for kinds without roles too', async () => {
    assert.match((await refusal(scaleReview(deployment(4), 20_000))) ?? '', /^sane-counts: the number of replicas /);
    assert.match((await refusal(scaleReview(deployment(4), 8), 'limits: {maxReplicas: 7}')) ?? '', /the maximum is 7;/);
  });
});

describe('the mode of a rule', () => {
  it('is what the configuration says', async () => {
    assert.equal(await refusal(brokenGang, 'rules: {gang-floor: enforce}'), gangFloor);
    assert.equal(await refusal(brokenGang, 'rules: {gang-floor: warn}'), null);
    assert.equal(
      await answerOf(brokenGang, 'rules: {gang-floor: false}'),
      answerTo(REVIEW_UID, { allowed: true, warnings: NOT_STEERED }),
    );
  });

  const overridden = (text: string) => {
    const annotations = { 'packdown.io/ordering': text };
    const next = serving(4, roles(1, { replicas: 1, gangMinimum: 2 }), { annotations });
    return updateReview({ ...llama, annotations }, next);
  };

  it('is what the workload says, where the configuration allows it', async () => {
    assert.equal(await refusal(overridden('gang-floor=off')), null);
    assert.equal(await refusal(overridden('gang-floor=warn, pd-ratio=off')), null);
    assert.equal(await refusal(overridden('gang-floor=enforce'), 'rules: {gang-floor: off}'), gangFloor);
    assert.equal(await refusal(overridden('pd-ratio=off')), gangFloor);
  });

  it('is what the configuration says where overrides are not allowed, and the user is told', async () => {
    const response = objectAt(
      JSON.parse(await answerOf(overridden('gang-floor=off'), 'allowOverrides: false')),
      'response',
    );
    assert.equal(response.allowed, false);
    assert.deepEqual(response.warnings, ['packdown.io/ordering is set, but the configuration allows no overrides']);
  });

  it('is not changed by what names no rule or mode, and the user is told', async () => {
    const response = objectAt(JSON.parse(await answerOf(overridden('gang-flor=off,gang-floor=never'))), 'response');
    assert.equal(response.allowed, false);
    assert.deepEqual(response.warnings, [
      'packdown.io/ordering holds gang-flor=off, which is no rule=enforce|warn|off',
      'packdown.io/ordering holds gang-floor=never, which is no rule=enforce|warn|off',
    ]);
  });

  it('of a workload applies through /scale too', async () => {
    const annotations = { 'packdown.io/ordering': 'partition-floor=off' };
    const guarded = { ...llama, partition: partition(3), annotations };
    assert.equal(await refusal(scaleReview(guarded, 2), '', [guarded]), null);
  });
});

describe('a declared ratio', () => {
  const ratio = (text: string) => ({ annotations: { 'packdown.io/role-ratio': text } });

  it('is enforced', async () => {
    const old = serving(2, roles(1, 1), ratio('prefill:decode=1:4..1:1'));
    const next = serving(2, roles(1, 5), ratio('prefill:decode=1:4..1:1'));
    assert.match((await refusal(updateReview(old, next))) ?? '', /^pd-ratio: prefill:decode would be 1:5 per group/);
    assert.equal(await refusal(updateReview(old, serving(2, roles(1, 4), ratio('prefill:decode=1:4..1:1')))), null);
  });

  it('that cannot be read refuses nothing, and the user is told', async () => {
    const old = serving(2, roles(1, 1), ratio('prefill=decode'));
    const next = serving(2, roles(1, 5), ratio('prefill=decode'));
    assert.equal(
      await answerOf(updateReview(old, next)),
      answerTo(REVIEW_UID, {
        allowed: true,
        warnings: [
          'packdown.io/role-ratio "prefill=decode" is not valid: it is not of the form numerator:denominator=min..max; write it like prefill:decode=1:4..1:1',
        ],
      }),
    );
  });
});

describe('a declared ratio of a role that is not there', () => {
  const mistyped = (prefill: number, decode: number, text = 'prefil:decode=1:4..1:1') =>
    serving(2, roles(prefill, decode), { annotations: { 'packdown.io/role-ratio': text } });

  it('is ignored, and the user is told', async () => {
    assert.equal(
      await answerOf(updateReview(mistyped(1, 1), mistyped(1, 5))),
      answerTo(REVIEW_UID, {
        allowed: true,
        warnings: [
          'packdown.io/role-ratio names prefil, which is no role of it, and is ignored; its roles are prefill, decode',
        ],
      }),
    );
    const both = 'context:generation=1:1';
    assert.match(
      await answerOf(updateReview(mistyped(1, 1, both), mistyped(1, 2, both))),
      /names context and generation, which are no roles of it, and is ignored/,
    );
  });

  it('leaves prefill and decode the pair of which none may be without the other', async () => {
    assert.match((await refusal(updateReview(mistyped(1, 2), mistyped(1, 0)))) ?? '', /^pd-both-or-none: role decode /);
  });
});

describe('a change of the pod template', () => {
  const withImage = (workload: Workload, image: string) => {
    const object = objectOf(workload);
    return JSON.parse(JSON.stringify(object).replaceAll('registry.example.com/server:1', image));
  };
  const rollout = /^scale-with-rollout: /;

  for (const [kind, old] of [
    ['ModelServing', llama],
    ['Deployment', deployment(4)],
  ] as const) {
    it(`with a change of replicas warns for a ${kind}`, async () => {
      const next = { ...old, replicas: 5 };
      const body = updateReview(old, next, { object: withImage(next, 'registry.example.com/server:2') });
      const { allowed, warnings } = objectAt(JSON.parse(await answerOf(body, '', [old])), 'response');
      assert.equal(allowed, true);
      assert.match(String(warnings), rollout);
    });

    it(`alone is allowed without a word for a ${kind}`, async () => {
      const body = updateReview(old, old, { object: withImage(old, 'registry.example.com/server:2') });
      assert.equal(await answerOf(body, '', [old]), ALLOWED);
    });
  }
});

describe('an exempt namespace', () => {
  const exempt = (field: 'labels' | 'annotations', value: string) => {
    const index = fleetOf([], [llama]);
    index.putNamespace({ name: 'default', labels: {}, annotations: {}, [field]: { 'packdown.io/ignore': value } });
    return webhook({ index }).validate(brokenGang);
  };

  it('is left alone by the configuration', async () => {
    assert.equal(await answerOf(brokenGang, 'exemptNamespaces: [other, default]'), ALLOWED);
    assert.equal(await refusal(brokenGang, 'exemptNamespaces: [other]'), gangFloor);
  });

  for (const field of ['labels', 'annotations'] as const) {
    it(`is left alone by its ${field}`, async () => {
      assert.equal(JSON.stringify(await exempt(field, 'true')), ALLOWED);
      assert.notEqual(JSON.stringify(await exempt(field, 'false')), ALLOWED);
    });
  }
});
