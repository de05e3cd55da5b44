import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedParts } from '../../../src/cluster/live/shared-parts.ts';
import { POD_DELETION_COST } from '../../../src/domain/fleet/annotations.ts';
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

test('a pod that has changed is another one, in whatever it has changed', () => {
  const parts = new SharedParts();
  const known = parts.share(pod('a', 'rs'), undefined);
  const changes: readonly Partial<Pod>[] = [
    { uid: 'another' },
    { node: 'n2' },
    { labels: {} },
    { controller: null },
    { requests: new Map([['cpu', 1n]]) },
    { ready: true, readySince: 5 },
    { deleting: true },
    { cost: '5', costOwner: '5' },
    { victim: { unit: 'a', since: 1 } },
    { keep: 3 },
    { spread: [] },
    { spread: pod('a', 'rs').spread.map((constraint) => ({ ...constraint, maxSkew: 2 })) },
  ];
  for (const change of changes) {
    const changed = { ...pod('a', 'rs'), ...change };
    assert.deepEqual(parts.share(changed, known), changed);
    assert.deepEqual(parts.share(pod('a', 'rs'), changed), pod('a', 'rs'));
  }
  assert.equal(readPod(podObject('a', { [POD_DELETION_COST]: '1' })).cost, '1');
});

test('controllers that were heard of long ago are forgotten', () => {
  const parts = new SharedParts();
  const first = parts.share(pod('first', 'long-ago'), undefined);
  for (let n = 0; n < 2000; n += 1) parts.share(pod(`p${n}`, `rs-${n}`), undefined);
  assert.notEqual(parts.share(pod('second', 'long-ago'), undefined).labels, first.labels);
});
