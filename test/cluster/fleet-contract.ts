import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COST_OWNER, POD_DELETION_COST, VICTIM } from '../../src/domain/fleet/annotations.ts';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import type { Pod } from '../../src/domain/fleet/pod.ts';
import type { JsonObject } from '../../src/workloads/core/json.ts';
import { podObject } from './pod-object.ts';

export interface FleetUnderTest {
  readonly fleet: Fleet;
  /** The fleet's own time, in milliseconds since the epoch. */
  now(): number;
  close(): Promise<void>;
}

/** What every implementation of the Fleet port must do. `start` makes a fleet of these pods, ready to be read. */
export function fleetContract(
  implementation: string,
  start: (pods: readonly JsonObject[]) => Promise<FleetUnderTest>,
): void {
  /**
   * Pods as `run` needs them: a has no annotation at all, b somebody else's, c our cost, d our cost and mark, taken our
   * record under somebody else's cost.
   */
  const pods = [
    podObject('a'),
    podObject('b', { 'example.com/team': 'blue' }),
    podObject('c', { [POD_DELETION_COST]: '41', [COST_OWNER]: '41' }),
    podObject('foreign', { [POD_DELETION_COST]: '99' }),
    podObject('taken', { [POD_DELETION_COST]: '5', [COST_OWNER]: '4', [VICTIM]: 'taken@2026-01-01T00:00:00.000Z' }),
    podObject('d', { [POD_DELETION_COST]: '3', [COST_OWNER]: '3', [VICTIM]: 'd@2026-01-01T00:00:00.000Z' }),
  ];

  async function run(body: (tools: Tools) => Promise<void>): Promise<void> {
    const { fleet, now, close } = await start(pods);
    const pod = (name: string) => {
      const found = fleet.snapshot().pod('ns', name);
      assert.ok(found, `the snapshot has no pod ns/${name}`);
      return found;
    };
    try {
      await body({ fleet, pod, now, soon: () => now() + 10_000 });
    } finally {
      await close();
    }
  }

  describe(`the ${implementation} fleet`, () => {
    test('writes the cost and the owner record together, whatever other annotations the pod has', () =>
      run(async ({ fleet, pod, soon }) => {
        const writes = ['a', 'b', 'c'].map((name) => ({ carrier: pod(name), to: '57', victim: null }));
        assert.deepEqual(await fleet.write(writes, soon()), ['written', 'written', 'written']);
        for (const name of ['a', 'b', 'c']) assert.deepEqual(costsOf(pod(name)), ['57', '57', null]);
      }));

    test('shows a write in the snapshot under a new version', () =>
      run(async ({ fleet, pod, soon }) => {
        const before = fleet.snapshot().version;
        await fleet.write([{ carrier: pod('a'), to: '57', victim: null }], soon());
        assert.notEqual(fleet.snapshot().version, before);
      }));

    test('marks victims with their unit and the time, and takes the mark off again', () =>
      run(async ({ fleet, pod, now, soon }) => {
        for (const name of ['a', 'b', 'c']) {
          const earliest = now();
          assert.deepEqual(await fleet.write([{ carrier: pod(name), to: '0', victim: 'ms-1/decode-0' }], soon()), [
            'written',
          ]);
          const { unit, since } = pod(name).victim ?? {};
          assert.equal(unit, 'ms-1/decode-0');
          assert.ok(
            since !== undefined && since >= earliest && since <= now(),
            `${since} is not the time of the write`,
          );
          assert.deepEqual(await fleet.write([{ carrier: pod(name), to: '9', victim: null }], soon()), ['written']);
          assert.deepEqual(costsOf(pod(name)), ['9', '9', null]);
        }
      }));

    test('takes a mark off a pod whose cost stays as it is', () =>
      run(async ({ fleet, pod, soon }) => {
        assert.deepEqual(await fleet.write([{ carrier: pod('d'), to: '3', victim: null }], soon()), ['written']);
        assert.deepEqual(costsOf(pod('d')), ['3', '3', null]);
      }));

    test('writes in the given order, so that a later write may build on an earlier one', () =>
      run(async ({ fleet, pod, soon }) => {
        const first = { carrier: pod('a'), to: '5', victim: null };
        const second = { carrier: { ...first.carrier, cost: '5', costOwner: '5' }, to: '7', victim: null };
        assert.deepEqual(await fleet.write([second, first], soon()), ['stale', 'written']);
        assert.deepEqual(await fleet.write([second, first], soon()), ['written', 'stale']);
        assert.deepEqual(costsOf(pod('a')), ['7', '7', null]);
      }));

    test('refuses a write for a pod that is not as the write shows it, and sends the others', () =>
      run(async ({ fleet, pod, soon }) => {
        const shown: readonly Pod[] = [
          { ...pod('c'), cost: '40' },
          { ...pod('c'), cost: null },
          { ...pod('c'), costOwner: '40' },
          { ...pod('c'), costOwner: null },
          { ...pod('c'), uid: 'uid-of-an-earlier-c' },
          { ...pod('c'), name: 'gone' },
          { ...pod('a'), cost: '41', costOwner: '41' },
        ];
        const writes = [...shown, pod('b')].map((carrier) => ({ carrier, to: '57', victim: 'ms-1' }));
        assert.deepEqual(await fleet.write(writes, soon()), [...shown.map(() => 'stale'), 'written']);
        assert.deepEqual(costsOf(pod('c')), ['41', '41', null]);
        assert.deepEqual(costsOf(pod('a')), [null, null, null]);
      }));

    test('never writes over a cost that somebody else wrote', () =>
      run(async ({ fleet, pod, soon }) => {
        assert.deepEqual(await fleet.write([{ carrier: pod('foreign'), to: '0', victim: 'foreign' }], soon()), [
          'stale',
        ]);
        assert.deepEqual(costsOf(pod('foreign')), ['99', null, null]);
      }));

    test('sends nothing for a pod that is already so', () =>
      run(async ({ fleet, pod, soon }) => {
        const [unmarked, marked] = [pod('c'), pod('d')];
        const writes = [
          { carrier: unmarked, to: '41', victim: null },
          { carrier: marked, to: '3', victim: 'd' },
        ];
        assert.deepEqual(await fleet.write(writes, soon()), ['unchanged', 'unchanged']);
        assert.deepEqual([pod('c'), pod('d')], [unmarked, marked]);
      }));

    test('sends nothing once the deadline has passed', () =>
      run(async ({ fleet, pod, now }) => {
        const writes = ['a', 'b'].map((name) => ({ carrier: pod(name), to: '57', victim: 'ms-1' }));
        assert.deepEqual(await fleet.write(writes, now() - 1), []);
        assert.deepEqual(costsOf(pod('a')), [null, null, null]);
      }));

    test('takes off what is ours and leaves alone what is not', () =>
      run(async ({ fleet, pod, soon }) => {
        const writes = ['a', 'c', 'd', 'foreign', 'taken'].map((name) => ({
          carrier: pod(name),
          to: null,
          victim: null,
        }));
        assert.deepEqual(await fleet.write(writes, soon()), [
          'unchanged',
          'written',
          'written',
          'unchanged',
          'written',
        ]);
        for (const name of ['a', 'c', 'd']) assert.deepEqual(costsOf(pod(name)), [null, null, null]);
        assert.deepEqual(costsOf(pod('foreign')), ['99', null, null]);
        assert.deepEqual(costsOf(pod('taken')), ['5', null, null]);
      }));

    test('takes nothing off a pod that is not as the removal shows it', () =>
      run(async ({ fleet, pod, soon }) => {
        const removal = { carrier: { ...pod('c'), costOwner: '40' }, to: null, victim: null };
        assert.deepEqual(await fleet.write([removal], soon()), ['stale']);
        assert.deepEqual(costsOf(pod('c')), ['41', '41', null]);
      }));

    test('has nothing to do for no writes', () =>
      run(async ({ fleet, soon }) => assert.deepEqual(await fleet.write([], soon()), [])));
  });
}

interface Tools {
  readonly fleet: Fleet;
  pod(name: string): Pod;
  now(): number;
  /** A deadline that is far enough. */
  soon(): number;
}

function costsOf(pod: Pod): readonly (string | null)[] {
  return [pod.cost, pod.costOwner, pod.victim?.unit ?? null];
}
