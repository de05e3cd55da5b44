import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import type { Units } from '../../src/observability/expectation.ts';
import { WorkloadPredictions } from '../../src/observability/workload-predictions.ts';
import { appsPod, fleetOf, marked, NOW, podOf } from '../builders/fleet.ts';
import { deployment, serving } from '../builders/workload.ts';

const web = deployment(3, { kind: 'ReplicaSet', uid: 'uid-of-web' });

function unitsOf(...numbers: readonly number[]): Units {
  return new Map(numbers.map((number) => [`web-${number}`, [appsPod(web, number)]]));
}

it('of a workload that never rests, scale-downs that are over are forgotten', () => {
  const index = fleetOf(
    [0, 1, 2].map((number) => appsPod(web, number)),
    [web],
  );
  const predictions = new WorkloadPredictions();
  const counts = new Map([[null, 3]]);
  const predicted = { workload: web, counts, generation: undefined, mode: 'steer', nodesFreed: [] } as const;
  const outcomes: string[] = [];
  const sizes: number[] = [];
  let now = NOW;
  for (let number = 0; number < 100; number += 1) {
    const staying = unitsOf(number + 1, number + 2);
    predictions.add({ predicted, going: unitsOf(number), count: 1, staying, deadline: now + 300_000 });
    // The next scale-down comes while the pod of this one is on its way out.
    if (number > 0) index.deletePod('default', `web-${number - 1}`);
    index.putPod(appsPod(web, number + 3));
    for (let looks = 0; looks < 2; looks += 1) {
      outcomes.push(...predictions.check(index, now).map(({ outcome }) => outcome));
      now += 5000;
    }
    sizes.push(predictions.size);
  }
  assert.deepEqual([outcomes.length, new Set(outcomes)], [99, new Set(['right'])]);
  assert.equal(Math.max(...sizes.slice(1)), sizes[1]);
});

describe('of what goes beyond a scale-down, or in its place,', () => {
  const units = (pods: Readonly<Record<string, string>>): Units =>
    new Map(Object.entries(pods).map(([unit, pod]) => [unit, [podOf(pod)]]));
  /** A unit for each of these pods, called as it is. */
  const each = (...pods: readonly string[]) => units(Object.fromEntries(pods.map((pod) => [pod, pod])));

  function watched(workload: Workload, ...pods: readonly string[]) {
    const index = fleetOf(
      pods.map((pod) => podOf(pod)),
      [workload],
    );
    const predictions = new WorkloadPredictions();
    const told: string[] = [];
    return {
      told,
      expect(counts: ReadonlyMap<string | null, number>, going: Units, staying: Units) {
        const predicted = { workload, counts, mode: 'steer', nodesFreed: [], generation: 1 } as const;
        predictions.add({ predicted, going, count: going.size, staying, deadline: NOW + 300_000 });
      },
      /** These go, and packdown looks at once, and again when no more is to come. */
      go(...gone: readonly string[]) {
        for (const pod of gone) index.deletePod('default', pod);
        for (const now of [NOW, NOW + 5000]) {
          const settled = predictions.check(index, now);
          told.push(...settled.map(({ outcome, went }) => `${outcome}: ${[...went.keys()].join()}`));
        }
      },
      scaleTo: (next: Workload) => index.putWorkload(next),
      /** Another replica of packdown marks a pod as one of this unit. */
      mark(pod: string, unit: string) {
        index.putPod({ ...podOf(pod), ...marked(0, unit) });
        predictions.check(index, NOW);
      },
    };
  }

  it('all is told, not only as much as was to go', () => {
    const { told, expect, go, scaleTo } = watched(web, 'a', 'b', 'c');
    expect(new Map([[null, 2]]), each('c'), each('a', 'b'));
    scaleTo({ ...web, replicas: 2 });
    go('a', 'b');
    assert.deepEqual(told, ['wrong: a,b']);
  });

  for (const [title, decode, outcome] of [
    ['more of a role is wrong, however few groups there are', { decode: 3 }, 'wrong: d,c'],
    ['more of a role is none of it where the role was made smaller still', { decode: 2 }, 'right: d'],
    ['more of a role is none of it where the role was removed', {}, 'right: d'],
  ] as const) {
    it(title, () => {
      const { told, expect, go, scaleTo } = watched(serving(1, { decode: 4 }), 'a', 'b', 'c', 'd');
      expect(new Map([['decode', 3]]), each('d'), each('a', 'b', 'c'));
      scaleTo(serving(1, decode));
      go('d', 'c');
      assert.deepEqual(told, [outcome]);
    });
  }

  for (const label of [
    'modelserving.volcano.sh/revision',
    'leaderworkerset.sigs.k8s.io/template-revision-hash',
    'controller-revision-hash',
  ]) {
    it(`what a rollout replaces is none of it, but what is rolled out is, by ${label}`, () => {
      const of = (revision: string, created: number, ...names: readonly string[]): Units =>
        new Map(names.map((name) => [name, [podOf(name, { labels: { [label]: revision }, created })]]));
      const toldOf = (...gone: readonly string[]) => {
        const { told, expect, go, scaleTo } = watched(web, 'a', 'b', 'c', 'd');
        expect(new Map([[null, 3]]), of('new', 2, 'd'), new Map([...of('old', 1, 'a', 'b'), ...of('new', 2, 'c')]));
        scaleTo({ ...web, replicas: 3 });
        go(...gone);
        return told;
      };
      assert.deepEqual(toldOf('d', 'b'), ['right: d']);
      assert.deepEqual(toldOf('d', 'c'), ['wrong: d,c']);
      assert.deepEqual(toldOf('b'), ['wrong: b'], 'in place of what was to go');
    });
  }

  it('more than two scale-downs were to take is laid to the later', () => {
    const { told, expect, go, scaleTo } = watched(web, 'a', 'b', 'c');
    expect(new Map([[null, 2]]), each('c'), each('a', 'b'));
    expect(new Map([[null, 1]]), each('b'), each('a'));
    scaleTo({ ...web, replicas: 1 });
    go('a', 'b', 'c');
    assert.deepEqual(told, ['wrong: b,a', 'right: c']);
  });

  it('a group in place of another is not laid to the scale-down of a role that took what it was to take', () => {
    const llama = serving(2, { decode: 2 });
    const { told, expect, go, scaleTo } = watched(llama, 'a0', 'a1', 'b0', 'b1');
    expect(new Map([['decode', 1]]), each('a1', 'b1'), each('a0', 'b0'));
    expect(new Map([[null, 1]]), units({ b: 'b0' }), units({ a: 'a0' }));
    scaleTo(serving(1, { decode: 1 }));
    go('a1', 'b1', 'a0');
    assert.deepEqual(told, ['wrong: a', 'right: a1,b1']);
  });

  it('a replica of a role is none of it where its group was marked, though decode-10 is where decode-1 was', () => {
    const toldOf = (unit: string) => {
      const { told, expect, go, scaleTo, mark } = watched(serving(2, { decode: 2 }), 'a0', 'a1', 'b0', 'b1');
      expect(new Map([['decode', 1]]), each('a1', 'b1'), units({ 'a/decode-0': 'a0', 'b/decode-10': 'b0' }));
      scaleTo(serving(2, { decode: 1 }));
      mark('b0', unit);
      go('a1', 'b1', 'b0');
      return told;
    };
    assert.deepEqual(toldOf('b'), ['right: a1,b1']);
    assert.deepEqual(toldOf('b/decode-1'), ['wrong: a1,b1,b/decode-10']);
  });
});
