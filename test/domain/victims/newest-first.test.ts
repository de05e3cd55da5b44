import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../src/domain/fleet/pod.ts';
import { newestFirst } from '../../../src/domain/victims/newest-first.ts';
import { writtenCosts } from '../../../src/domain/victims/pool.ts';
import { fleetOf, NOW, planOf, podOf, scaleTo } from '../../builders/fleet.ts';
import { candidate, poolOf } from '../../builders/pool.ts';
import { deployment } from '../../builders/workload.ts';

/** The names of pods in the order in which a PodClique loses them, from how each differs from a pod that serves. */
function order(pods: Readonly<Record<string, Partial<Pod>>>, outdated: readonly string[] = []): readonly string[] {
  const members = Object.entries(pods).map(([name, rest], ordinal) =>
    candidate(ordinal, [podOf(name, { node: 'n1', ...rest })], { name, outdated: outdated.includes(name) }),
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

test('a PodClique in a rollout loses a pod of the old template before a newer one, but not before one that does not serve', () => {
  const pods = { old: { created: NOW - 7_200_000 }, serves: {}, starts: { ...unready, created: NOW - 60_000 } };
  assert.deepEqual(order(pods, ['old']), ['starts', 'old', 'serves']);
  assert.deepEqual(order(pods), ['starts', 'serves', 'old']);
});

test('a PodClique tells pods of an older template by their label', () => {
  const labels = (hash: string) => ({ 'grove.io/pod-template-hash': hash });
  const clique = deployment(2, { group: 'grove.io', kind: 'PodClique', name: 'router', labels: labels('b') });
  const controller = { apiVersion: 'grove.io/v1alpha1', kind: 'PodClique', name: 'router', uid: clique.uid };
  const pods = [
    podOf('router-old', { controller, labels: labels('a'), created: NOW - 7_200_000 }),
    podOf('router-new', { controller, labels: labels('b') }),
  ];
  const { victims } = planOf(scaleTo(clique, 1), fleetOf(pods, [clique]));
  assert.deepEqual(
    victims.map(({ candidate }) => candidate.name),
    ['router-old'],
  );
});
