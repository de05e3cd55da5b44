import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../src/domain/fleet/pod.ts';
import { newestFirst } from '../../../src/domain/victims/newest-first.ts';
import { writtenCosts } from '../../../src/domain/victims/pool.ts';
import { NOW, podOf } from '../../builders/fleet.ts';
import { candidate, poolOf } from '../../builders/pool.ts';

/** The names of pods in the order in which a PodClique loses them, from how each differs from a pod that serves. */
function order(pods: Readonly<Record<string, Partial<Pod>>>): readonly string[] {
  const members = Object.entries(pods).map(([name, rest], ordinal) =>
    candidate(ordinal, [podOf(name, { node: 'n1', ...rest })], { name }),
  );
  return newestFirst.order(poolOf(newestFirst, members), writtenCosts).map(({ name }) => name);
}
const unready = { ready: false, readySince: null };

test('a PodClique loses a pod that failed before a newer one that only does not serve yet', () => {
  assert.deepEqual(
    order({
      serves: {},
      starts: { ...unready, created: NOW - 60_000 },
      lost: { ...unready, phase: 'Unknown' },
      evicted: { ...unready, phase: 'Failed', created: NOW - 7_200_000 },
    }),
    ['evicted', 'lost', 'starts', 'serves'],
  );
});

test('a PodClique loses a pod without a node before one that failed', () => {
  assert.deepEqual(order({ evicted: { ...unready, phase: 'Failed' }, waits: { ...unready, node: null } }), [
    'waits',
    'evicted',
  ]);
});
