import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { review, scaleReview, updateReview } from '../builders/review.ts';
import { partition, serving } from '../builders/workload.ts';
import { EXAMPLE_FLEET, type Ran, run, temporaryFile } from './run-in-process.ts';

const llama = serving(4, { prefill: 1, decode: { replicas: 2, gangMinimum: 2 } });
const brokenGang = updateReview(llama, serving(4, { prefill: 1, decode: { replicas: 1, gangMinimum: 2 } }));
const gangFloor =
  'gang-floor: role decode would have 1 replica per group, its gang needs 2; ' +
  'scale groups instead, or create it anew with a smaller gang';

describe('check', () => {
  it('ends with 1 and says why when the review is denied', async (t) => {
    const file = await temporaryFile(t, 'review.json', brokenGang);
    assert.deepEqual(await run(['check', '--review', file]), {
      code: 1,
      stdout: [`denied: ${gangFloor}`],
      stderr: [],
    });
  });

  it('ends with 0 when the review is allowed, with its warnings', async (t) => {
    const [file, config] = await Promise.all([
      temporaryFile(t, 'review.json', brokenGang),
      temporaryFile(t, 'config.yaml', 'rules: {gang-floor: warn}'),
    ]);
    assert.deepEqual(await run(['check', '--review', file, '--config', config]), {
      code: 0,
      stdout: ['allowed', `warning: ${gangFloor}`],
      stderr: [],
    });
  });

  it('judges a scale-down without planning it', async (t) => {
    const file = await temporaryFile(t, 'review.json', updateReview(llama, { ...llama, replicas: 3 }));
    assert.deepEqual(await run(['check', '--review', file]), { code: 0, stdout: ['allowed'], stderr: [] });
  });

  it('looks the parent of a /scale up in the fleet, if there is one', async (t) => {
    const guarded = { ...llama, partition: partition(3) };
    const file = await temporaryFile(t, 'review.json', scaleReview(guarded, 2));
    const fleet = await temporaryFile(t, 'fleet.yaml', {
      apiVersion: 'workload.serving.volcano.sh/v1alpha1',
      kind: 'ModelServing',
      metadata: { name: llama.name, uid: llama.uid },
      spec: {
        replicas: 4,
        rolloutStrategy: { rollingUpdateConfiguration: { partition: 3 } },
        template: { roles: [{ name: 'decode' }] },
      },
    });
    const withFleet = await run(['check', '--review', file, '--fleet', fleet]);
    assert.equal(withFleet.code, 1);
    assert.match(withFleet.stdout[0] ?? '', /^denied: partition-floor: /);
    assert.deepEqual(await run(['check', '--review', file]), {
      code: 0,
      stdout: ['allowed', 'warning: ModelServing/default/llama is not in the fleet (yet): only its count was checked'],
      stderr: [],
    });
  });

  it('allows what it cannot judge, and says so', async (t) => {
    const file = await temporaryFile(t, 'review.json', review({ resource: { group: 'apps', resource: 'daemonsets' } }));
    assert.deepEqual(await run(['check', '--review', file, '--fleet', EXAMPLE_FLEET]), {
      code: 0,
      stdout: ['allowed', 'warning: packdown does not know daemonsets.apps; allowed without a look'],
      stderr: [],
    });
  });
});

describe('check ends with 2', () => {
  const refused = ({ code, stdout, stderr }: Ran, sentence: RegExp) => {
    assert.deepEqual([code, stdout], [2, []]);
    assert.match(stderr[0] ?? '', sentence);
  };

  it('without a review', async () => refused(await run(['check']), /^packdown: check needs --review F\.json$/));

  it('for a review that is not there', async () => {
    refused(
      await run(['check', '--review', '/nonexistent.json']),
      /^packdown: cannot read \/nonexistent\.json: ENOENT/,
    );
  });

  it('for a review that is not JSON', async (t) => {
    const file = await temporaryFile(t, 'review.json', 'kind: AdmissionReview');
    refused(await run(['check', '--review', file]), /^packdown: \S+review\.json is not JSON: /);
  });

  it('for a review without a uid', async (t) => {
    const file = await temporaryFile(t, 'review.json', review({ uid: undefined }));
    refused(
      await run(['check', '--review', file]),
      /^packdown: \S+review\.json: the body is no AdmissionReview with a request\.uid; /,
    );
  });

  it('for a fleet that cannot be read', async (t) => {
    const file = await temporaryFile(t, 'review.json', brokenGang);
    const fleet = await temporaryFile(t, 'fleet.yaml', 'kind: [');
    refused(await run(['check', '--review', file, '--fleet', fleet]), /^packdown: cannot read the fleet in /);
  });
});
