import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CodedError } from '../../src/domain/coded-error.ts';
import { fleetBut, fleetOf } from '../builders/fleet.ts';
import {
  bindingReview,
  objectOf,
  PODS,
  REVIEW_UID,
  type RequestFields,
  review,
  scaleReview,
  updateReview,
} from '../builders/review.ts';
import { serving } from '../builders/workload.ts';
import { answerTo, webhook } from './webhook.ts';

const llama = serving(4, { prefill: 1, decode: 2 });
const index = fleetOf([], [llama]);
const daemonSets = { group: 'apps', version: 'v1', resource: 'daemonsets' };

const allowed = answerTo(REVIEW_UID, { allowed: true });
const allowedWith = (...warnings: readonly string[]) => answerTo(REVIEW_UID, { allowed: true, warnings });
const deniedWith = (message: string) =>
  answerTo(REVIEW_UID, { allowed: false, status: { code: 403, reason: 'Forbidden', message } });
const unjudged = (problem: string) => allowedWith(`packdown could not judge this, and allowed it: ${problem}`);

const changed = (fields: RequestFields) => updateReview(llama, { ...llama, replicas: 5 }, fields);
const scaled = (replicas: unknown) =>
  scaleReview(llama, 4, { object: { kind: 'Scale', metadata: { uid: llama.uid }, spec: { replicas } } });

describe('/validate answers, byte for byte,', () => {
  const cases: readonly [title: string, body: object, answer: string][] = [
    ['a scale-up', changed({}), allowed],
    ['a change of nothing', updateReview(llama, llama), allowed],
    ['a creation, even of too many', changed({ operation: 'CREATE', oldObject: null }), allowed],
    ['a deletion', changed({ operation: 'DELETE', object: null }), allowed],
    ['a connection', changed({ operation: 'CONNECT' }), allowed],
    ['a status write', changed({ subResource: 'status' }), allowed],
    [
      'an unknown kind',
      changed({ resource: daemonSets }),
      allowedWith('packdown does not know daemonsets.apps; allowed without a look'),
    ],
    [
      'an unknown kind of the core group',
      changed({ resource: { group: '', version: 'v1', resource: 'configmaps' } }),
      allowedWith('packdown does not know configmaps; allowed without a look'),
    ],
    [
      'an unknown kind that is created',
      changed({ resource: daemonSets, operation: 'CREATE' }),
      allowedWith('packdown does not know daemonsets.apps; allowed without a look'),
    ],
    ...[undefined, null, 'modelservings', {}].map((resource): [string, object, string] => [
      `the resource ${JSON.stringify(resource)}`,
      changed({ resource }),
      allowedWith('packdown does not know a resource that the review does not name; allowed without a look'),
    ]),
    ...[undefined, null, 'object', []].flatMap((object): [string, object, string][] => [
      [
        `the object ${JSON.stringify(object)}`,
        changed({ object }),
        allowedWith('the review holds no object and oldObject to compare; allowed'),
      ],
      [
        `the oldObject ${JSON.stringify(object)}`,
        changed({ oldObject: object }),
        allowedWith('the review holds no object and oldObject to compare; allowed'),
      ],
    ]),
    ['a scale to null, which is zero', scaled(null), allowed],
  ];
  for (const [title, body, answer] of cases) {
    it(title, async () => {
      const hook = webhook({ index });
      assert.equal(JSON.stringify(await hook.validate(body)), answer);
      assert.deepEqual(hook.unjudged, []);
    });
  }
});

describe('/validate refuses, on the object and through /scale alike,', () => {
  const subject = 'sane-counts: the number of groups would be';
  const wayOut = 'give a whole number from 0 to 10000';
  for (const [replicas, message] of [
    ['three', `${subject} no number; ${wayOut}`],
    [true, `${subject} no number; ${wayOut}`],
    [{}, `${subject} no number; ${wayOut}`],
    [1.5, `${subject} 1.5, which is no whole number; ${wayOut}`],
    [10_001, `${subject} 10001, the maximum is 10000; ${wayOut}, or raise limits.maxReplicas`],
    [1e300, `${subject} 1e+300, the maximum is 10000; ${wayOut}, or raise limits.maxReplicas`],
  ] as const) {
    it(`the count ${JSON.stringify(replicas)}`, async () => {
      const { validate } = webhook({ index });
      const old = objectOf(llama);
      const next = { ...old, spec: { ...Object(Object(old).spec), replicas } };
      assert.equal(JSON.stringify(await validate(changed({ object: next }))), deniedWith(message));
      assert.equal(JSON.stringify(await validate(scaled(replicas))), deniedWith(message));
    });
  }

  it('a negative count', async () => {
    const { validate } = webhook({ index });
    const answer = JSON.stringify(await validate(scaled(-1)));
    assert.ok(answer.startsWith(deniedWith(`${subject} -1, which is negative; ${wayOut}`).slice(0, -4)), answer);
  });
});

describe('/validate allows with a warning, and reports,', () => {
  const old = objectOf(llama);
  const cases: readonly [title: string, body: object, problem: string][] = [
    ['an object without a spec', changed({ object: { ...old, spec: undefined } }), 'spec is missing'],
    ['an old object whose spec is null', changed({ oldObject: { ...old, spec: null } }), 'spec is missing'],
    ['a spec that is a list', changed({ object: { ...old, spec: [] } }), 'spec is missing'],
    [
      'roles that are no list',
      changed({ object: { ...old, spec: { replicas: 1, template: { roles: { prefill: 1 } } } } }),
      "spec.template.roles is no list of objects; write it as Kubernetes' API has it",
    ],
    [
      'roles that are no objects',
      changed({ oldObject: { ...old, spec: { replicas: 1, template: { roles: ['prefill'] } } } }),
      "spec.template.roles is no list of objects; write it as Kubernetes' API has it",
    ],
    [
      'metadata that is no object',
      changed({ object: { ...old, metadata: 'llama' } }),
      "metadata is no object; write it as Kubernetes' API has it",
    ],
    [
      'annotations that are a list',
      changed({ object: { ...old, metadata: { annotations: ['a'] } } }),
      "annotations is no object; write it as Kubernetes' API has it",
    ],
    [
      'a Scale whose spec is a number',
      scaleReview(llama, 4, { object: { metadata: { uid: llama.uid }, spec: 3 } }),
      "spec is no object; write it as Kubernetes' API has it",
    ],
  ];
  for (const [title, body, problem] of cases) {
    it(title, async () => {
      const hook = webhook({ index });
      assert.equal(JSON.stringify(await hook.validate(body)), unjudged(problem));
      assert.equal(hook.unjudged.length, 1);
    });
  }

  it('a fleet that fails', async () => {
    const hook = webhook({
      index,
      wrap: (fleet) =>
        fleetBut(fleet, {
          snapshot: () => {
            throw new Error('the snapshot is broken');
          },
        }),
    });
    assert.equal(JSON.stringify(await hook.validate(changed({}))), unjudged('the snapshot is broken'));
  });
});

describe('both webhooks', () => {
  for (const version of ['admission.k8s.io/v1beta1', 'admission.k8s.io/v2', 'v1']) {
    it(`allow a review of ${version} with a warning, in that version`, async () => {
      const hook = webhook({ index });
      const refused = { uid: REVIEW_UID, resource: PODS, object: { spec: { replicas: -1 } } };
      const warnings = [`packdown reads admission.k8s.io/v1, not ${version}; allowed without a look`];
      for (const answer of [hook.validate, hook.mutate]) {
        assert.equal(
          JSON.stringify(await answer(review(refused, version))),
          answerTo(REVIEW_UID, { allowed: true, warnings }, version),
        );
      }
    });
  }

  it('take a review without an apiVersion for v1', async () => {
    const hook = webhook({ index });
    assert.equal(
      JSON.stringify(await hook.validate({ ...review({ resource: daemonSets }), apiVersion: undefined })),
      allowedWith('packdown does not know daemonsets.apps; allowed without a look'),
    );
  });

  it('read the fleet by the names in the object where the request has none', async () => {
    const partitioned = { ...llama, partition: { kind: 'int', value: 2 } } as const;
    const { validate } = webhook({ index: fleetOf([], [partitioned]) });
    const body = scaleReview(partitioned, 1, { name: undefined, namespace: undefined });
    assert.match(JSON.stringify(await validate(body)), /partition-floor: there would be 1 group/);
  });

  const unreadable: readonly [title: string, body: unknown][] = [
    ['null', null],
    ['a list', []],
    ['a text', 'AdmissionReview'],
    ['an empty object', {}],
    ['a review whose request is a text', { ...review({}), request: 'x' }],
    ['a review without a request', { ...review({}), request: undefined }],
    ['a review without a uid', review({ uid: undefined })],
    ['a review whose uid is empty', review({ uid: '' })],
    ['a review whose uid is a number', review({ uid: 5 })],
  ];
  for (const [title, body] of unreadable) {
    it(`reject ${title}, to which nothing can be answered`, async () => {
      const hook = webhook({ index });
      for (const answer of [hook.validate, hook.mutate]) {
        await assert.rejects(answer(body), (error: CodedError) => {
          assert.equal(error.code, 'InvalidReview');
          assert.equal(
            error.message,
            'the body is no AdmissionReview with a request.uid; send what kube-apiserver sends',
          );
          return true;
        });
      }
    });
  }
});

describe('/mutate answers, byte for byte,', () => {
  const pod = { namespace: 'default', name: 'p', uid: 'uid-of-p' };
  const cases: readonly [title: string, body: object, answer: string][] = [
    [
      'a kind that it does not change',
      updateReview(llama, llama),
      allowedWith('packdown does not change modelservings.workload.serving.volcano.sh; allowed as it is'),
    ],
    ['an update of a pod', review({ resource: PODS, operation: 'UPDATE', object: {}, oldObject: {} }), allowed],
    ['the deletion of a pod', review({ resource: PODS, operation: 'DELETE', oldObject: {} }), allowed],
    [
      'a creation without an object',
      review({ resource: PODS, operation: 'CREATE' }),
      allowedWith('the review holds no object to look at; allowed as it is'),
    ],
    ['the binding of a pod that the fleet does not hold', bindingReview(pod, 'n1'), allowed],
    [
      'a binding whose target is a text',
      bindingReview(pod, 'n1', { object: { target: 'n1' } }),
      unjudged("target is no object; write it as Kubernetes' API has it"),
    ],
    [
      'a pod with a request that is no quantity',
      review({
        resource: PODS,
        operation: 'CREATE',
        object: { spec: { nodeName: 'n1', containers: [{ resources: { requests: { cpu: 'lots' } } }] } },
      }),
      unjudged(
        'The quantity of cpu, "lots" is not valid: write a number with an optional suffix, such as 500m, 2, 1.5Gi or 1e3.',
      ),
    ],
  ];
  for (const [title, body, answer] of cases) {
    it(title, async () => assert.equal(JSON.stringify(await webhook({ index }).mutate(body)), answer));
  }
});
