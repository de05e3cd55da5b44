import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../../src/domain/fleet/pod.ts';
import { type Encoding, writtenCosts } from '../../../src/domain/victims/pool.ts';
import { replicaSet } from '../../../src/domain/victims/replicaset.ts';
import { marked, NOW, ours, podOf, theirs } from '../../builders/fleet.ts';
import { candidate, poolOf } from '../../builders/pool.ts';

const ago = (seconds: number) => NOW - seconds * 1000;

function poolOfPods(pods: readonly Pod[], rest: Parameters<typeof poolOf>[2] = {}) {
  const members = pods.map((pod, ordinal) =>
    candidate(ordinal, [pod], { name: pod.name, group: null, ready: pod.ready }),
  );
  return poolOf(replicaSet, members, rest);
}

const ORDERS: readonly { name: string; goes: readonly Pod[]; related?: readonly (readonly [string, number])[] }[] = [
  {
    name: 'unassigned, then phase, then readiness, then cost',
    goes: [
      podOf('unassigned', { node: null, phase: 'Pending', ready: false, ...ours(99) }),
      podOf('pending', { phase: 'Pending', ready: false, ...ours(99) }),
      podOf('unknown', { phase: 'Unknown', ...ours(99) }),
      podOf('unready', { ready: false, ...ours(99) }),
      podOf('cheap', ours(-10)),
      podOf('free'),
      podOf('dear', ours(10)),
    ],
  },
  {
    name: 'a cost that is no int32 counts 0',
    goes: [podOf('low', theirs('-1')), podOf('word', theirs('+5')), podOf('high', theirs('1'))],
  },
  {
    name: 'the fuller node first',
    related: [
      ['full', 2],
      ['n1', 1],
    ],
    goes: [podOf('crowded', { node: 'full' }), podOf('lone', { readySince: ago(1) })],
  },
  {
    name: 'ready for less long by powers of two, before restarts',
    goes: [podOf('z-minutes', { readySince: ago(300) }), podOf('a-hours', { readySince: ago(7200), restarts: 9 })],
  },
  {
    name: 'within a power of two by uid',
    goes: [
      podOf('a-older', { uid: 'a', readySince: ago(1090) }),
      podOf('z-younger', { uid: 'z', readySince: ago(600), restarts: 9 }),
    ],
  },
  {
    name: 'an unknown ready time first',
    goes: [podOf('unknown', { readySince: null }), podOf('known', { readySince: ago(1) })],
  },
  {
    name: 'more restarts, then more of sidecars, then younger',
    goes: [
      podOf('restarted', { created: ago(90_000), restarts: 2 }),
      podOf('a-sidecar', { created: ago(90_000), sidecarRestarts: 3 }),
      podOf('young', { created: ago(1000) }),
      podOf('old', { created: ago(9000) }),
    ],
  },
  {
    name: 'ready times do not matter while pods are not ready',
    goes: [
      podOf('restarted', { ready: false, readySince: ago(9000), restarts: 1 }),
      podOf('fresh', { ready: false, readySince: ago(1) }),
    ],
  },
];

describe("ReplicaSet's order", () => {
  for (const { name, goes, related = [] } of ORDERS) {
    test(name, () => {
      const pool = poolOfPods([...goes].reverse(), { related: new Map(related) });
      const order = replicaSet.order(pool, writtenCosts);
      assert.deepEqual(
        order.map((member) => member.name),
        goes.map((pod) => pod.name),
      );
    });
  }

  test('as many go as exceed the wanted count', () => {
    const pool = poolOfPods([podOf('a', ours(3)), podOf('b', ours(1)), podOf('c', ours(2))]);
    const gone = (wanted: number) => replicaSet.victims(pool, wanted, writtenCosts).map(({ name }) => name);
    assert.deepEqual([gone(1), gone(3), gone(5)], [['b', 'c'], [], []]);
  });
});

/** What is written when, of the pods in the pool, the first `committed` go already and the next `chosen` are to go. */
function written(pods: readonly Pod[], { committed = 0, chosen = 1 } = {}): Encoding | Record<string, number> {
  const pool = poolOfPods(pods);
  const going = pool.candidates.slice(0, committed);
  const encoding = replicaSet.encode(pool, going, pool.candidates.slice(committed, committed + chosen), () => 0);
  if (!encoding.ok) return encoding;
  assert.ok(encoding.costs.every(({ carrier, victim }) => victim === carrier.name));
  return Object.fromEntries(encoding.costs.map(({ carrier, cost }) => [carrier.name, cost]));
}

describe('costs for a ReplicaSet', () => {
  const CASES = [
    {
      name: 'a victim goes far below the survivors and below 0',
      pods: [podOf('victim', ours(57)), podOf('stays', ours(40))],
      writes: { victim: -1000 },
    },
    {
      name: 'a negative survivor is undercut',
      pods: [podOf('victim'), podOf('stays', ours(-3))],
      writes: { victim: -1003 },
    },
    {
      name: 'a victim that is cheapest already goes far below too, so that later ones fit between',
      pods: [podOf('victim', ours(39)), podOf('stays', ours(40))],
      writes: { victim: -1000 },
    },
    {
      name: 'a victim that is far below already keeps its cost and is marked',
      pods: [podOf('victim', ours(-2000)), podOf('stays', ours(40))],
      writes: { victim: -2000 },
    },
    {
      name: 'a victim that is cheapest and marked is left alone',
      pods: [podOf('victim', marked(5, 'victim')), podOf('stays', ours(40))],
      writes: {},
    },
    {
      name: 'a victim that somebody else made cheapest is left alone',
      pods: [podOf('victim', theirs(5)), podOf('stays', ours(40))],
      writes: {},
    },
    {
      name: 'the next victim goes just above those that go, so that later ones fit between it and those that stay',
      pods: [podOf('goes', marked(-1000, 'goes')), podOf('victim', ours(57)), podOf('stays', ours(40))],
      committed: 1,
      writes: { victim: -999 },
    },
    {
      name: 'what is starting goes below what stays and is ready',
      pods: [podOf('victim', { ready: false, ...ours(57) }), podOf('stays', ours(40))],
      writes: { victim: -1000 },
    },
    {
      name: 'what is starting goes below what stays beside victims that are ready',
      pods: [podOf('starting', { ready: false, ...ours(57) }), podOf('victim', ours(50)), podOf('stays', ours(40))],
      chosen: 2,
      writes: { victim: -1000, starting: -1000 },
    },
    {
      name: 'what is starting and cheapest already is left alone',
      pods: [podOf('victim', { ready: false, ...ours(39) }), podOf('stays', ours(40))],
      writes: {},
    },
    {
      name: 'what is starting goes by its rank where somebody else wrote its cost',
      pods: [podOf('victim', { ready: false, ...theirs(57) }), podOf('stays', ours(40))],
      writes: {},
    },
    {
      name: 'what is starting goes by its rank where no integer is left between',
      pods: [podOf('goes', ours(39)), podOf('victim', { ready: false, ...ours(57) }), podOf('stays', ours(40))],
      committed: 1,
      writes: {},
    },
    {
      name: 'nothing is written for what has no node yet',
      pods: [podOf('victim', { ready: false, node: null }), podOf('stays', ours(-40))],
      writes: {},
    },
    {
      name: 'nothing is written when nothing stays',
      pods: [podOf('one', ours(57)), podOf('two', ours(40))],
      chosen: 2,
      writes: {},
    },
  ];
  for (const { name, pods, writes, ...counts } of CASES) {
    test(name, () => assert.deepEqual(written(pods, counts), writes));
  }

  test('what is starting goes all the same when it is ready by the time the controller looks', () => {
    const pods = [
      podOf('starting', { phase: 'Pending', ready: false, ...ours(82) }),
      podOf('victim', ours(71)),
      podOf('stays', ours(60)),
    ];
    const pool = poolOfPods(pods);
    const encoding = replicaSet.encode(pool, [], pool.candidates.slice(0, 2), () => 0);
    assert.ok(encoding.ok);
    const costs = new Map(encoding.costs.map(({ carrier, cost }) => [carrier.name, ours(cost)]));
    const later = poolOfPods(pods.map((pod) => ({ ...pod, ready: true, phase: 'Running', ...costs.get(pod.name) })));
    const goes = replicaSet.victims(later, 1, writtenCosts).map(({ name }) => name);
    assert.deepEqual(new Set(goes), new Set(['starting', 'victim']));
  });

  test('there are none when no integer is left between', () => {
    const pods = [podOf('goes', marked(39, 'goes')), podOf('victim', ours(57)), podOf('stays', ours(40))];
    assert.deepEqual(written(pods, { committed: 1 }), {
      ok: false,
      reason: 'no cost fits between the pods that are already going and those that stay',
    });
  });

  test('there are none below the lowest int32', () => {
    assert.deepEqual(written([podOf('victim'), podOf('stays', theirs(-(2 ** 31)))]), {
      ok: false,
      reason: 'no cost fits between the pods that are already going and those that stay',
    });
  });

  test('there are none for a pod that somebody else keeps', () => {
    assert.deepEqual(written([podOf('victim', theirs(60)), podOf('stays', ours(40))]), {
      ok: false,
      reason: 'the cost 60 of pod victim was written by somebody else',
    });
  });
});
