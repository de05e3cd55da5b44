import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { WorkloadKey } from '../../src/domain/fleet/workload.ts';
import { planOf, scaleTo } from '../builders/fleet.ts';
import { fleetOfObjects } from '../builders/object-reviews.ts';
import { type KubernetesObject, objectOf, podObject } from '../builders/objects.ts';
import { runs } from '../domain/victims/properties.ts';
import { statefulSetVictims } from '../oracle/statefulset.ts';

/** A kind whose controller counts in ordinals, with replicas of some pods each. */
interface Kind {
  readonly name: string;
  readonly key: Omit<WorkloadKey, 'namespace' | 'name'>;
  readonly movesFirst: boolean;
  /** Whether it goes by how many are not on their way out: the highest go only where none lacks below. */
  readonly countsLive?: boolean;
  make(replicas: number, first: number): KubernetesObject;
  /** What there is of one replica of `chat`. */
  replica(of: KubernetesObject, ordinal: number, size: number, deleting: boolean): readonly KubernetesObject[];
}

const KINDS: readonly Kind[] = [
  {
    name: 'StatefulSet',
    key: { group: 'apps', kind: 'StatefulSet' },
    movesFirst: true,
    make: (replicas, start) => objectOf('apps/v1', 'StatefulSet', 'chat', { spec: { replicas, ordinals: { start } } }),
    replica: (owner, ordinal, _size, deleting) => [podObject(`chat-${ordinal}`, { owner, deleting })],
  },
  {
    name: 'LeaderWorkerSet',
    key: { group: 'leaderworkerset.x-k8s.io', kind: 'LeaderWorkerSet' },
    movesFirst: false,
    make: (replicas) =>
      objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat', {
        spec: { replicas, leaderWorkerTemplate: { size: 2 } },
      }),
    replica(set, ordinal, size, deleting) {
      const labels = (worker: number) => ({
        'leaderworkerset.sigs.k8s.io/name': 'chat',
        'leaderworkerset.sigs.k8s.io/group-index': `${ordinal}`,
        'leaderworkerset.sigs.k8s.io/worker-index': `${worker}`,
      });
      const leaders = objectOf('apps/v1', 'StatefulSet', 'chat', { owner: set });
      const leader = podObject(`chat-${ordinal}`, { owner: leaders, labels: labels(0), deleting });
      const workers = objectOf('apps/v1', 'StatefulSet', `chat-${ordinal}`, { owner: leader });
      const worker = podObject(`chat-${ordinal}-1`, { owner: workers, labels: labels(1), deleting });
      return size === 1 ? [leaders, leader] : [leaders, leader, workers, worker];
    },
  },
  {
    name: 'PodCliqueScalingGroup',
    key: { group: 'grove.io', kind: 'PodCliqueScalingGroup' },
    movesFirst: false,
    countsLive: true,
    make: (replicas) => objectOf('grove.io/v1alpha1', 'PodCliqueScalingGroup', 'chat', { spec: { replicas } }),
    replica: (owner, ordinal, size, deleting) =>
      Array.from({ length: size }).flatMap((_, index) => {
        const clique = objectOf('grove.io/v1alpha1', 'PodClique', `chat-${ordinal}-${index}`, { owner });
        return [clique, podObject(`chat-${ordinal}-${index}-a`, { owner: clique, deleting })];
      }),
  },
];

const draws = fc.record({
  ordinals: fc.uniqueArray(fc.nat(14), { maxLength: 12 }),
  first: fc.nat(3),
  sizes: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 3, maxLength: 5 }),
  deleting: fc.array(fc.nat(14), { maxLength: 3 }),
  from: fc.nat(14),
  to: fc.nat(14),
});

for (const { name, key, movesFirst, countsLive = false, make, replica } of KINDS) {
  describe(name, () => {
    test('loses the highest ordinals, whatever lacks and whatever goes already, and gets those that lack', () => {
      fc.assert(
        fc.property(draws, (draw) => {
          const { sizes, deleting, from, to } = draw;
          const first = movesFirst ? draw.first : 0;
          const ordinals = draw.ordinals.filter((ordinal) => ordinal >= first);
          const live = ordinals.filter((ordinal) => !deleting.includes(ordinal));
          fc.pre(!countsLive || to >= from || live.every((ordinal) => ordinal < live.length));
          const set = make(from, first);
          const objects = ordinals.flatMap((ordinal, index) =>
            replica(set, ordinal, sizes[index % sizes.length] ?? 1, deleting.includes(ordinal)),
          );
          const fleet = fleetOfObjects(set, ...objects);
          const workload = fleet.workload({ ...key, namespace: 'llm', name: 'chat' });
          assert.ok(workload !== undefined);
          const plan = planOf(scaleTo(workload, to), fleet);

          const there = ordinals.map((ordinal) => ({ name: `chat-${ordinal}`, ordinal }));
          const before = statefulSetVictims(there, first + from);
          const goes = statefulSetVictims(there, first + to).filter((one) => !before.includes(one));
          assert.deepEqual(
            plan.victims.map(({ candidate }) => candidate.name),
            goes,
          );
          assert.deepEqual(plan.writes, []);
          if (to <= from) return;
          const wanted = Array.from({ length: to }, (_, index) => first + index);
          const lacking = wanted.filter((ordinal) => !ordinals.includes(ordinal));
          assert.deepEqual(
            plan.created,
            lacking.map((ordinal) => `chat-${ordinal}`),
          );
        }),
        runs(400),
      );
    });
  });
}
