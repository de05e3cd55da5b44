import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Group, isRunning, remember, SeenPods, takeForRunning } from './groups.ts';
import { label, type ModelServing, type Pod } from './model-serving.ts';

const serving: ModelServing = {
  metadata: { name: 'chat', namespace: 'default', uid: 'chat', generation: 1 },
  spec: {
    replicas: 1,
    schedulerName: 'default-scheduler',
    template: { roles: [{ name: 'decode', replicas: 1, workerReplicas: 1, entryTemplate: {} }] },
  },
};

const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const unready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] };

const pod = (index: number, status: Pod['status'] = ready, metadata: Partial<Pod['metadata']> = {}): Pod => ({
  metadata: {
    name: `chat-0-decode-0-${index}`,
    namespace: 'default',
    labels: { [label.group]: 'chat-0', [label.role]: 'decode', [label.roleId]: 'decode-0' },
    ...metadata,
  },
  status,
});

/** Whether the group counts as running after each of these looks at its pods. */
function looks(...seen: (readonly Pod[])[]): boolean[] {
  const groups = new Map<number, Group>();
  for (const first of seen[0] ?? []) remember(groups, first);
  const group = groups.get(0);
  assert.ok(group !== undefined);
  return seen.map((pods) => {
    new SeenPods(serving, pods).updateStatus(group);
    return isRunning(group);
  });
}

test('a group runs once all its pods are ready', () => {
  assert.deepEqual(looks([pod(0)], [pod(0), pod(1, unready)], [pod(0), pod(1)]), [false, false, true]);
});

test('a group goes on running while a pod of it is unready, lost or terminating', () => {
  const terminating = pod(1, unready, { deletionTimestamp: '2026-06-01T12:00:00Z' });
  const lost = pod(1, { phase: 'Unknown' });
  assert.deepEqual(looks([pod(0), pod(1)], [pod(0), pod(1, unready)], [pod(0), lost], [pod(0), terminating]), [
    true,
    true,
    true,
    true,
  ]);
});

test('a group runs no more once a pod of it has failed, was restarted or is gone, until all are ready again', () => {
  const restarted = pod(1, { ...unready, containerStatuses: [{ restartCount: 1 }] });
  const whole = [pod(0), pod(1)];
  assert.deepEqual(
    looks(whole, [pod(0), restarted], whole, [pod(0), pod(1, { phase: 'Failed' })], whole, [pod(0)], whole),
    [true, false, true, false, true, false, true],
  );
});

test('a group being deleted ranks as not ready, until a ready pod of it is seen as it was before', () => {
  const whole = [pod(0), pod(1)];
  const groups = new Map<number, Group>();
  for (const each of whole) remember(groups, each);
  const group = groups.get(0);
  assert.ok(group !== undefined);
  const seen = new SeenPods(serving, whole);
  seen.updateStatus(group);
  group.deleting = { isTakenForRunning: false };
  const isReadyAfter = (late: Pod) => {
    takeForRunning(groups, late);
    return seen.groupCandidate(group).ready;
  };
  const deletionTimestamp = '2026-06-01T12:00:00Z';
  assert.deepEqual([pod(0, ready, { deletionTimestamp }), pod(0, unready), pod(0)].map(isReadyAfter), [
    false,
    false,
    true,
  ]);
});
