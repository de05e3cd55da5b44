import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedParts } from '../../../src/cluster/live/shared-parts.ts';
import type { Pod } from '../../../src/domain/fleet/pod.ts';
import { readPod } from '../../../src/workloads/core/pod.ts';
import { podObject } from '../pod-object.ts';

function pod(name: string, controller: string | null, labels: Readonly<Record<string, string>> = { app: 'web' }): Pod {
  const owner =
    controller === null
      ? []
      : [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: controller, controller: true }];
  const object = podObject(name);
  return readPod({
    ...object,
    spec: { topologySpreadConstraints: [{ topologyKey: 'zone', maxSkew: 1 }] },
    metadata: { namespace: 'ns', name, uid: `uid-of-${name}`, labels, ownerReferences: owner },
  });
}

test('pods of one controller share what is equal, and stay what they are', () => {
  const parts = new SharedParts();
  const a = parts.share(pod('a', 'rs'), undefined);
  const b = parts.share(pod('b', 'rs'), undefined);
  assert.deepEqual(b, pod('b', 'rs'));
  for (const part of ['labels', 'controller', 'requests', 'spread'] as const) assert.equal(b[part], a[part], part);
});

test('what differs is not shared', () => {
  const parts = new SharedParts();
  parts.share(pod('a', 'rs'), undefined);
  for (const other of [
    pod('b', 'rs', { app: 'db' }),
    pod('c', 'rs', {}),
    pod('d', 'rs', { app: 'web', x: 'y' }),
    pod('e', null),
  ]) {
    assert.deepEqual(parts.share(other, undefined), other);
  }
});

test('a pod that has not changed is the one that is known', () => {
  const parts = new SharedParts();
  const known = parts.share(pod('a', 'rs'), undefined);
  assert.equal(parts.share(pod('a', 'rs'), known), known);
});

/** Of every field but the names, which are those of `known`: another value than `pod` reads. */
const CHANGED: Omit<Required<Pod>, 'place' | 'namespace' | 'name'> = {
  uid: 'another',
  node: 'n2',
  labels: {},
  controller: null,
  requests: new Map([['cpu', 1n]]),
  phase: 'Failed',
  ready: true,
  readySince: 5,
  created: 5,
  restarts: 1,
  sidecarRestarts: 2,
  deleting: true,
  deletingUntil: 2,
  evicted: true,
  mirror: true,
  cost: '5',
  costOwner: '5',
  victim: { unit: 'a', since: 1 },
  keep: 3,
  spread: [],
};

test('a pod that has changed is another one, in whatever it has changed', () => {
  const parts = new SharedParts();
  /** With the fields that most pods do not have. */
  const whole = (): Pod => ({ ...pod('a', 'rs'), sidecarRestarts: 1, deletingUntil: 1 });
  const known = parts.share(whole(), undefined);
  for (const [field, value] of [
    ...Object.entries(CHANGED),
    ['labels', { app: 'db' }] as const,
    ['spread', whole().spread.map((constraint) => ({ ...constraint, maxSkew: 2 }))] as const,
  ]) {
    const changed: Pod = { ...whole(), [field]: value };
    assert.deepEqual(parts.share(changed, known), changed, field);
    assert.deepEqual(parts.share(whole(), changed), whole(), field);
  }
});

test('controllers that were heard of long ago are forgotten', () => {
  const parts = new SharedParts();
  const first = parts.share(pod('first', 'long-ago'), undefined);
  for (let n = 0; n < 2000; n += 1) parts.share(pod(`p${n}`, `rs-${n}`), undefined);
  assert.notEqual(parts.share(pod('second', 'long-ago'), undefined).labels, first.labels);
});
