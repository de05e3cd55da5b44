import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { objectAt } from '../../src/workloads/core/json.ts';
import { fleetOfObjects, objectScale, objectUpdate } from '../builders/object-reviews.ts';
import { objectOf, podObject } from '../builders/objects.ts';
import { refusal, webhook } from './webhook.ts';

describe('LeaderWorkerSet', () => {
  const lws = (replicas: number, partition = 0) =>
    objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat', {
      spec: {
        replicas,
        rolloutStrategy: { rollingUpdateConfiguration: { partition } },
        leaderWorkerTemplate: { size: 2 },
      },
    });

  it('is refused fewer groups than its partition protects, which its own webhook lets through', async () => {
    assert.match((await refusal(objectScale(lws(4, 3), 4, 2), lws(4, 3))) ?? '', /^partition-floor: /);
    assert.equal(await refusal(objectScale(lws(4, 3), 4, 3), lws(4, 3)), null);
  });

  const owned = (kind: string, apiVersion: string, replicas: number, owner = lws(3)) =>
    objectOf(apiVersion, kind, 'chat', { owner, spec: { replicas, template: { roles: [] } } });

  it('has its own number let through where Kthena or its StatefulSet carries it out, and no other', async () => {
    for (const [kind, api] of [
      ['ModelServing', 'workload.serving.volcano.sh/v1alpha1'],
      ['StatefulSet', 'apps/v1'],
    ] as const) {
      const update = (to: number) => objectUpdate(owned(kind, api, 4), owned(kind, api, to));
      assert.equal(await refusal(update(3), lws(3), owned(kind, api, 4)), null, kind);
      assert.match(
        (await refusal(update(1), lws(3), owned(kind, api, 4))) ?? '',
        /^owned: .* LeaderWorkerSet\/llm\/chat asks for 3/,
        kind,
      );
    }
  });

  it('asks nothing of what somebody else has it own', async () => {
    const other = owned('Deployment', 'apps/v1', 3);
    assert.equal(await refusal(objectScale(other, 3, 1), lws(3), other), null);
  });

  it('may ask more of its StatefulSet in a rollout with maxSurge', async () => {
    const surging = objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat', {
      spec: { replicas: 3, rolloutStrategy: { rollingUpdateConfiguration: { maxSurge: '50%' } } },
    });
    const leaders = (replicas: number) => owned('StatefulSet', 'apps/v1', replicas, surging);
    assert.equal(await refusal(objectUpdate(leaders(3), leaders(5)), surging, leaders(3)), null);
    assert.equal(await refusal(objectUpdate(leaders(5), leaders(3)), surging, leaders(5)), null);
    assert.match(
      (await refusal(objectUpdate(leaders(4), leaders(1)), surging, leaders(4))) ?? '',
      /^owned: .* LeaderWorkerSet\/llm\/chat asks for 3/,
      'and never less than it has groups',
    );
    const steering = async (from: number, to: number) => {
      const index = fleetOfObjects(surging, leaders(from));
      const answer = await webhook({ index }).validate(objectUpdate(leaders(from), leaders(to)));
      return objectAt(answer, 'response', 'auditAnnotations').steering;
    };
    // Step by step it takes back what it has added, which is no scale-down.
    assert.equal(await steering(5, 4), 'a rollout of LeaderWorkerSet/llm/chat takes back what it has added');
    assert.equal(await steering(4, 3), 'what goes was told of LeaderWorkerSet/llm/chat');
  });

  it('is steered where Kthena resizes its ModelServing, and nothing is told twice where it runs itself', async () => {
    const says = async (kind: string, api: string) => {
      const target = owned(kind, api, 4);
      const pods = [0, 1, 2, 3].map((group) =>
        podObject(`chat-${group}-default-0-0`, {
          owner: target,
          labels: {
            'modelserving.volcano.sh/name': 'chat',
            'modelserving.volcano.sh/group-name': `chat-${group}`,
            'modelserving.volcano.sh/role': 'default',
            'modelserving.volcano.sh/role-id': 'default-0',
          },
        }),
      );
      const index = fleetOfObjects(lws(3), target, ...pods);
      return objectAt(await webhook({ index }).validate(objectScale(target, 4, 3)), 'response', 'auditAnnotations');
    };
    const serving = await says('ModelServing', 'workload.serving.volcano.sh/v1alpha1');
    assert.equal(typeof serving.victims, 'string');
    assert.deepEqual(await says('StatefulSet', 'apps/v1'), {
      steering: 'what goes was told of LeaderWorkerSet/llm/chat',
    });
  });

  it('has the workers of a group left as many as there are', async () => {
    const leaders = owned('StatefulSet', 'apps/v1', 3);
    const leader = podObject('chat-1', { owner: leaders });
    const workers = (replicas: number) =>
      objectOf('apps/v1', 'StatefulSet', 'chat-1', { owner: leader, spec: { replicas } });
    assert.match(
      (await refusal(objectScale(workers(1), 1, 0), lws(3), leaders, leader, workers(1))) ?? '',
      /^owned: replicas go from 1 to 0, but LeaderWorkerSet\/llm\/chat asks for 1; change the size of the groups of LeaderWorkerSet\/llm\/chat instead$/,
    );
    assert.equal(await refusal(objectScale(workers(0), 0, 1), lws(3), leaders, leader, workers(0)), null);
    assert.equal(await refusal(objectScale(workers(1), 1, 0), lws(3), workers(1)), null, 'nobody knows the leader');
  });
});
