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

  it('is told which replicas it loses when its set counts less of itself', async () => {
    const counting = (replicas: number) =>
      objectOf('grove.io/v1alpha1', 'PodCliqueSet', 'chat', {
        spec: { replicas, template: { cliques: [{ name: 'decode' }] } },
      });
    const replicas = [0, 1].flatMap((replica) => {
      const decode = objectOf('grove.io/v1alpha1', 'PodClique', `chat-${replica}-decode`, { owner: counting(2) });
      return [decode, podObject(`chat-${replica}-decode-a`, { owner: decode })];
    });
    const { validate } = webhook({ index: fleetOfObjects(counting(2), ...replicas) });
    const response = objectAt(await validate(objectUpdate(counting(2), counting(1))), 'response');
    assert.equal(objectAt(response, 'auditAnnotations').victims, 'chat-1');
  });

  const cliques = (names: readonly string[], groups: readonly string[] = [], replicas = 1, count = 1) =>
    objectOf('grove.io/v1alpha1', 'PodCliqueSet', 'chat', {
      annotations: { 'packdown.io/role-ratio': 'prefill:decode=1:2..1:1' },
      spec: {
        replicas,
        template: {
          cliques: names.map((name) => ({ name, spec: { replicas: count } })),
          podCliqueScalingGroups: groups.map((name) => ({ name, cliqueNames: [name.toUpperCase()] })),
        },
      },
    });

  it('is refused another order of its cliques, which is another generation, and not of its scaling groups', async () => {
    const old = cliques(['prefill', 'decode', 'A', 'B'], ['a', 'b']);
    assert.match(
      (await refusal(objectUpdate(old, cliques(['prefill', 'decode', 'B', 'A'], ['a', 'b'])), old)) ?? '',
      /^role-order: /,
    );
    assert.equal(await refusal(objectUpdate(old, cliques(['prefill', 'decode', 'A', 'B'], ['b', 'a'])), old), null);
  });

  it('may have its replicas and what new ones consist of changed in one update', async () => {
    const names = ['prefill', 'decode'];
    assert.equal(await refusal(objectUpdate(cliques(names), cliques(names, [], 2, 2)), cliques(names)), null);
  });

  it('is told that the ratio of a set is not looked at where a clique of it is scaled', async () => {
    const owner = cliques(['prefill', 'decode']);
    const decode = objectOf('grove.io/v1alpha1', 'PodClique', 'chat-0-decode', { owner, spec: { replicas: 2 } });
    const response = objectAt(
      await webhook({ index: fleetOfObjects(owner, decode) }).validate(objectScale(decode, 2, 9)),
      'response',
    );
    assert.deepEqual(
      [response.allowed, listTexts(response, 'warnings')],
      [
        true,
        [
          'packdown.io/role-ratio of PodCliqueSet/llm/chat is about what it creates, and not looked at where PodClique/llm/chat-0-decode is scaled by itself',
        ],
      ],
    );
  });

  it('has its pods left alone when they are bound', async () => {
    const pod = podObject('chat-0-decode-a', { owner: clique });
    const hook = webhook({ index: fleetOfObjects(set, clique, pod) });
    const response = objectAt(await hook.mutate(bindingReview(pod.metadata, 'n1')), 'response');
    assert.deepEqual([response.allowed, response.patch], [true, undefined]);
  });
});
