import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { fleetOf, marksIn, ours, servingGroup } from '../builders/fleet.ts';
import { bindingReview, REVIEW_UID, scaleReview } from '../builders/review.ts';
import { serving } from '../builders/workload.ts';
import { answerTo, configOf, webhook } from './webhook.ts';

const MODES = ['off', 'observe', 'steer'] as const;
type Mode = (typeof MODES)[number];
const steering = (mode: string | null): Record<string, string> =>
  mode === null ? {} : { 'packdown.io/steering': mode };

/** Four groups with equal costs, of which the highest ordinals go. */
function hookOf(
  installation: Mode,
  namespace: string | null,
  workload: string | null,
  costs: readonly number[] = [21, 21, 21, 21],
) {
  const llama = serving(4, { decode: 1 }, { annotations: steering(workload) });
  const pods = costs.flatMap((cost, group) => servingGroup(llama, group, () => ours(cost)));
  const index = fleetOf(pods, [llama]);
  index.putNamespace({ name: 'default', labels: {}, annotations: steering(namespace) });
  const hook = webhook({ index, config: configOf(`mode: ${installation}`) });
  return { ...hook, llama, marks: () => marksIn(index) };
}

const response = (mode: Mode) => {
  if (mode === 'off') return { allowed: true };
  const verb = mode === 'steer' ? 'will' : 'would';
  return { allowed: true, auditAnnotations: { victims: 'llama-3' }, warnings: [`packdown: llama-3 ${verb} go`] };
};

describe('steering', () => {
  for (const installation of MODES) {
    for (const namespace of [null, ...MODES]) {
      for (const workload of [null, ...MODES]) {
        const asked = [installation, namespace, workload];
        const mode = MODES.find((candidate) => asked.includes(candidate)) ?? 'off';
        const levels = `installation ${installation}, namespace ${namespace}, workload ${workload}`;

        it(`is ${mode} with ${levels}`, async () => {
          const { llama, validate, marks } = hookOf(installation, namespace, workload);
          assert.equal(JSON.stringify(await validate(scaleReview(llama, 3))), answerTo(REVIEW_UID, response(mode)));
          assert.deepEqual(marks(), mode === 'steer' ? ['llama-3'] : []);
        });
      }
    }
  }

  it('takes no notice of a mode that is none', async () => {
    const { llama, validate, marks } = hookOf('steer', 'on', 'Observe');
    await validate(scaleReview(llama, 3));
    assert.deepEqual(marks(), ['llama-3']);
  });

  for (const off of ['false', 'False', 'Off', 'OFF']) {
    it(`is off where an annotation says ${off}`, async () => {
      for (const [namespace, workload] of [
        [off, null],
        [null, off],
      ] as const) {
        const { llama, validate, marks } = hookOf('steer', namespace, workload);
        assert.equal(JSON.stringify(await validate(scaleReview(llama, 3))), answerTo(REVIEW_UID, { allowed: true }));
        assert.deepEqual(marks(), []);
      }
    });
  }

  it('that is off or observes still refuses what the ordering rules refuse', async () => {
    for (const mode of ['off', 'observe'] as const) {
      const { llama, validate } = hookOf(mode, null, null);
      assert.equal(objectAt(await validate(scaleReview(llama, 20_000)), 'response').allowed, false);
    }
  });

  it('that observes follows one scale-down after another', async () => {
    const { llama, validate } = hookOf('observe', null, null, [50, 49, 48, 47]);
    await validate(scaleReview(llama, 3));
    const answer = objectAt(await validate(scaleReview({ ...llama, replicas: 3 }, 2)), 'response');
    assert.deepEqual(listTexts(answer, 'warnings'), ['packdown: llama-2 would go']);
  });
});

describe('a binding', () => {
  for (const mode of MODES) {
    it(`${mode === 'steer' ? 'is stamped' : 'is let through as it is'} where steering is ${mode} at any level`, async () => {
      for (const hook of [hookOf(mode, null, null), hookOf('steer', mode, null), hookOf('steer', null, mode)]) {
        const [pod] = hook.index.pods();
        assert.ok(pod);
        const answer = objectAt(await hook.mutate(bindingReview(pod, 'n1')), 'response');
        assert.equal('patch' in answer, mode === 'steer');
      }
    });
  }
});
