import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unreadAnnotations } from '../../src/admission/unread-annotations.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { fleetOf, ours, servingGroup } from '../builders/fleet.ts';
import { scaleReview, updateReview } from '../builders/review.ts';
import { serving } from '../builders/workload.ts';
import { configOf, webhook } from './webhook.ts';

const STEERING = 'packdown.io/steering holds maybe, which is none of off, observe, steer';
const POLICY = 'packdown.io/policy holds ordnal, which is none of consolidate, binpack, ordinal';
const FLOOR = 'packdown.io/floor holds one, which is no number of replicas, 0 or more';
const OF_NAMESPACE = 'packdown.io/steering of namespace default holds on, which is none of off, observe, steer';
const WRONG = { 'packdown.io/steering': 'maybe', 'packdown.io/policy': 'ordnal', 'packdown.io/floor': 'one' };

/** Three groups under a workload and a namespace with these annotations. */
function hookOf(annotations: Readonly<Record<string, string>>, namespace: Readonly<Record<string, string>> = {}) {
  const llama = serving(3, { decode: 1 }, { annotations });
  const pods = [0, 1, 2].flatMap((group) => servingGroup(llama, group, () => ours(21)));
  const index = fleetOf(pods, [llama]);
  index.putNamespace({ name: 'default', labels: {}, annotations: namespace });
  return { llama, ...webhook({ index, config: configOf('steering: {settle: 0ms}') }) };
}

const warningsOf = (review: unknown) => listTexts(objectAt(review, 'response'), 'warnings');

describe('an annotation that says nothing known', () => {
  it('is warned of with what there is, and counts for nothing', async () => {
    const { llama, validate } = hookOf(WRONG);
    const warnings = warningsOf(await validate(scaleReview(llama, 2)));
    assert.deepEqual(warnings, [STEERING, POLICY, FLOOR, 'packdown: llama-2 will go']);
  });

  it('is warned of on the namespace too', async () => {
    const { llama, validate } = hookOf({}, { 'packdown.io/steering': 'on' });
    assert.deepEqual(warningsOf(await validate(scaleReview(llama, 2))), [OF_NAMESPACE, 'packdown: llama-2 will go']);
  });

  it('is warned of in a dry run, where it is put right', async () => {
    const { llama, validate } = hookOf(WRONG);
    assert.deepEqual(warningsOf(await validate(scaleReview(llama, 2, { dryRun: true }))), [STEERING, POLICY, FLOOR]);
  });

  it('is not warned of where no count is lowered', async () => {
    const { llama, validate } = hookOf(WRONG);
    assert.deepEqual(warningsOf(await validate(scaleReview(llama, 3))), []);
    assert.deepEqual(warningsOf(await validate(updateReview(llama, llama))), []);
    assert.deepEqual(warningsOf(await validate(scaleReview(llama, 4))), []);
  });

  it('is not warned of where nothing is steered', async () => {
    const { llama, validate } = hookOf(WRONG, { 'packdown.io/steering': 'off' });
    assert.deepEqual(warningsOf(await validate(scaleReview(llama, 2))), []);
  });

  it('is not warned of where the namespace is left alone', () => {
    const { llama, index } = hookOf(WRONG);
    const exempt = configOf('exemptNamespaces: [default]');
    assert.deepEqual(unreadAnnotations(llama, index, exempt), []);
    assert.deepEqual(unreadAnnotations(llama, index, defaultConfig), [STEERING, POLICY, FLOOR]);
  });

  it('is not warned of where the scale-down is refused', async () => {
    const { llama, validate } = hookOf(WRONG);
    const refused = objectAt(await validate(scaleReview(llama, -1)), 'response');
    assert.equal(refused.allowed, false);
    assert.deepEqual(listTexts(refused, 'warnings'), []);
  });
});

describe('an annotation that says something known', () => {
  for (const [name, texts] of Object.entries({
    'packdown.io/steering': ['off', 'Off', 'false', 'observe', 'steer'],
    'packdown.io/policy': ['consolidate', 'binpack', 'ordinal'],
    'packdown.io/floor': ['0', ' 2 '],
  })) {
    for (const text of texts) {
      it(`${name}: "${text}" is not warned of`, async () => {
        const { llama, validate } = hookOf({ [name]: text });
        const warnings = warningsOf(await validate(scaleReview(llama, 2)));
        assert.deepEqual(
          warnings.filter((warning) => !warning.startsWith('packdown: ')),
          [],
        );
      });
    }
  }
});
