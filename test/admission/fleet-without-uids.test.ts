import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fleetOfObjects, objectScale, objectUpdate } from '../builders/object-reviews.ts';
import type { KubernetesObject } from '../builders/objects.ts';
import { bindingReview } from '../builders/review.ts';
import { webhook } from './webhook.ts';

const owner = (kind: string, name: string) => ({ apiVersion: 'apps/v1', kind, name, controller: true });

/** As people write a fleet by hand: without a single uid. */
function web(kind: 'Deployment' | 'ReplicaSet', replicas: number): KubernetesObject {
  const isOwner = kind === 'Deployment';
  const metadata = {
    namespace: 'ns',
    name: isOwner ? 'web' : 'web-1',
    uid: '',
    ...(!isOwner && { ownerReferences: [owner('Deployment', 'web')] }),
  };
  return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas } };
}

const pods = ['a', 'b', 'c'].map((letter, index) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'ns', name: `web-1-${letter}`, ownerReferences: [owner('ReplicaSet', 'web-1')] },
  spec: { nodeName: `n${index + 1}`, containers: [{ name: 'server' }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
}));

const real = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, uid: 'of-the-apiserver' },
});

describe('a review with uids of a fleet that was written without', () => {
  it('is judged by what the fleet says, and steered', async () => {
    const replicaSet = web('ReplicaSet', 3);
    for (const asked of [
      objectScale(real(replicaSet), 3, 2),
      objectUpdate(real(replicaSet), real(web('ReplicaSet', 2))),
    ]) {
      const { validate } = webhook({ index: fleetOfObjects(web('Deployment', 2), replicaSet, ...pods) });
      const answer = JSON.stringify(await validate(asked));
      assert.match(answer, /"victims":"web-1-c"/);
      assert.doesNotMatch(answer, /not in the fleet|another uid/);
    }
  });

  it('is refused where it differs from what its owner asks for', async () => {
    const { validate } = webhook({ index: fleetOfObjects(web('Deployment', 3), web('ReplicaSet', 3), ...pods) });
    const answer = JSON.stringify(await validate(objectScale(real(web('ReplicaSet', 3)), 3, 1)));
    assert.match(answer, /"allowed":false.*Deployment\/ns\/web asks for 3/);
  });

  it('has its pods stamped when they are bound', async () => {
    const waiting = { ...pods[0], metadata: { ...pods[0]?.metadata, name: 'web-1-new' }, spec: { containers: [] } };
    const { mutate } = webhook({ index: fleetOfObjects(web('ReplicaSet', 3), waiting) });
    const body = bindingReview({ namespace: 'ns', name: 'web-1-new', uid: 'of-the-apiserver' }, 'n1');
    assert.match(JSON.stringify(await mutate(body)), /"patch"/);
  });
});
