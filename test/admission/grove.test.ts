import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { fleetOfObjects, objectScale, objectUpdate } from '../builders/object-reviews.ts';
import { objectOf, podObject } from '../builders/objects.ts';
import { bindingReview } from '../builders/review.ts';
import { refusal, webhook } from './webhook.ts';

describe('Grove', () => {
  const set = objectOf('grove.io/v1alpha1', 'PodCliqueSet', 'chat', {
    spec: { replicas: 1, template: { cliques: [] } },
  });
  const clique = objectOf('grove.io/v1alpha1', 'PodClique', 'chat-0-decode', {
    owner: set,
    spec: { replicas: 4, minAvailable: 2 },
  });
  const scalingGroup = objectOf('grove.io/v1alpha1', 'PodCliqueScalingGroup', 'chat-0-workers', {
    owner: set,
    spec: { replicas: 4, minAvailable: 3 },
  });

  it('is refused less than minAvailable on /scale, which nothing else guards', async () => {
    assert.match((await refusal(objectScale(clique, 4, 1), set, clique)) ?? '', /^gang-floor: .* its gang needs 2/);
    assert.match(
      (await refusal(objectScale(scalingGroup, 4, 2), set, scalingGroup)) ?? '',
      /^gang-floor: .* its gang needs 3/,
    );
  });

  it('may be scaled down to minAvailable, whatever its set was created with', async () => {
    assert.equal(await refusal(objectScale(clique, 4, 2), set, clique), null);
    assert.equal(await refusal(objectScale(scalingGroup, 4, 3), set, scalingGroup), null);
  });

  it('is not said to lose what it has when its set counts less of a role, for that is only created by it', async () => {
    const counting = (replicas: number) =>
      objectOf('grove.io/v1alpha1', 'PodCliqueSet', 'chat', {
        spec: { replicas: 1, template: { cliques: [{ name: 'decode', spec: { replicas, minAvailable: 1 } }] } },
      });
    const pods = ['a', 'b', 'c', 'd'].map((name) => podObject(`chat-0-decode-${name}`, { owner: clique }));
    const { validate } = webhook({ index: fleetOfObjects(counting(4), clique, ...pods) });
    const response = objectAt(await validate(objectUpdate(counting(4), counting(2))), 'response');
    assert.deepEqual([response.allowed, listTexts(response, 'warnings')], [true, []]);
    assert.deepEqual(response.auditAnnotations, {
      steering: 'existing PodCliques and PodCliqueScalingGroups keep their counts; scale them instead',
    });
  });

  it('has its pods left alone when they are bound', async () => {
    const pod = podObject('chat-0-decode-a', { owner: clique });
    const hook = webhook({ index: fleetOfObjects(set, clique, pod) });
    const response = objectAt(await hook.mutate(bindingReview(pod.metadata, 'n1')), 'response');
    assert.deepEqual([response.allowed, response.patch], [true, undefined]);
  });
});
