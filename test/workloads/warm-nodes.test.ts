import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../../src/domain/fleet/node.ts';
import type { ScalingOptions } from '../../src/workloads/scaling.ts';
import { fleetOf, nodeOf, planOf, scaleTo, servingGroup } from '../builders/fleet.ts';
import { serving } from '../builders/workload.ts';

/** Group 0 is alone on a dear node, group 1 on a cheap one; one dear node more is free, or not. */
function freedWith(options: Partial<ScalingOptions>, spare: boolean, rest: Partial<Node> = {}): readonly string[] {
  const chat = serving(2, { decode: 1 });
  const nodes = [
    nodeOf('dear-1', { labels: { pool: 'dear' } }),
    nodeOf('cheap-1', { labels: { pool: 'cheap' } }),
    ...(spare ? [nodeOf('dear-2', { labels: { pool: 'dear' }, ...rest })] : []),
  ];
  const pods = [
    ...servingGroup(chat, 0, () => ({ node: 'dear-1' })),
    ...servingGroup(chat, 1, () => ({ node: 'cheap-1' })),
  ];
  const nodeWeights = [{ selector: { pool: 'cheap' }, weight: 1 }];
  const plan = planOf(scaleTo(chat, 1), fleetOf(pods, [chat], nodes), 'consolidate', { nodeWeights, ...options });
  return plan.nodesFreed.map(({ name }) => name);
}

const WARM = [{ selector: { pool: 'dear' }, count: 1 }];

test('the node that is worth more becomes free', () => {
  assert.deepEqual(freedWith({}, false), ['dear-1']);
});

test('a weight, and a count of warm nodes, is for nodes that have every label of the selector', () => {
  const cheap = { selector: { pool: 'cheap' }, weight: 1 };
  const elsewhere = { pool: 'cheap', zone: 'elsewhere' };
  assert.deepEqual(freedWith({ nodeWeights: [{ selector: elsewhere, weight: 99 }, cheap] }, false), ['dear-1']);
  const warmNodes = [{ selector: { pool: 'dear', zone: 'elsewhere' }, count: 1 }];
  assert.deepEqual(freedWith({ warmNodes }, false), ['dear-1']);
});

test('a node that would only become the one to stay warm is worth nothing', () => {
  assert.deepEqual(freedWith({ warmNodes: WARM }, false), ['cheap-1']);
});

test('where the one to stay warm is free already the next is worth what it is worth', () => {
  assert.deepEqual(freedWith({ warmNodes: WARM }, true), ['dear-1']);
});

for (const key of [
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'ToBeDeletedByClusterAutoscaler',
  'karpenter.sh/disrupted',
]) {
  const taints = [{ key, value: '', effect: 'NoSchedule' }];

  test(`a free node with the taint ${key} keeps nobody warm`, () => {
    assert.deepEqual(freedWith({ warmNodes: WARM }, true, { taints }), ['cheap-1']);
  });
}

test('a free node whose taint only keeps some pods off keeps warm', () => {
  const taints = [{ key: 'nvidia.com/gpu', value: '', effect: 'NoSchedule' }];
  assert.deepEqual(freedWith({ warmNodes: WARM }, true, { taints }), ['dear-1']);
});

test('a node that is cordoned becomes free as if none were to stay warm: nothing would come to it', () => {
  const chat = serving(2, { decode: 1 });
  const nodes = [
    nodeOf('dear-1', { labels: { pool: 'dear' }, unschedulable: true }),
    nodeOf('cheap-1', { labels: { pool: 'cheap' } }),
  ];
  const pods = nodes.flatMap(({ name }, group) => servingGroup(chat, group, () => ({ node: name })));
  const nodeWeights = [{ selector: { pool: 'cheap' }, weight: 1 }];
  const plan = planOf(scaleTo(chat, 1), fleetOf(pods, [chat], nodes), 'consolidate', { nodeWeights, warmNodes: WARM });
  assert.deepEqual(
    plan.nodesFreed.map(({ name }) => name),
    ['dear-1'],
  );
});

test('a free node that is cordoned keeps nobody warm', () => {
  assert.deepEqual(freedWith({ warmNodes: WARM }, true, { unschedulable: true }), ['cheap-1']);
});
