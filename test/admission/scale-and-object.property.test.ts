import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { objectAt } from '../../src/workloads/core/json.ts';
import { appsPod, fleetOf, servingGroup } from '../builders/fleet.ts';
import { scaleReview, updateReview } from '../builders/review.ts';
import { deployment, partition, serving } from '../builders/workload.ts';
import { configOf, webhook } from './webhook.ts';

/** Every rule refuses, so that each has a say. */
const rules = ['vacancy', 'reversal', 'gang-deadlock', 'doomed-scale-up', 'partition-shift', 'cooldown'];
const config = configOf(
  JSON.stringify({ rules: Object.fromEntries(rules.map((name) => [name, 'enforce'])), steering: { settle: '0ms' } }),
);

const anyCount = fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 6 }) }, fc.constantFrom(-1, 10_001));
const anyPartition = fc.option(fc.oneof(fc.nat({ max: 5 }).map(partition), fc.constant(partition('50%'))));
const anyServing: fc.Arbitrary<Workload> = fc
  .tuple(fc.nat({ max: 5 }), fc.nat({ max: 3 }), fc.option(fc.nat({ max: 3 })), anyPartition)
  .map(([groups, replicas, gangMinimum, itsPartition]) =>
    serving(groups, { prefill: 1, decode: { replicas, gangMinimum } }, { partition: itsPartition }),
  );
/** Which groups there are, and which of them are on their way out. */
const anyGroups = fc.array(fc.record({ ordinal: fc.nat({ max: 5 }), deleting: fc.boolean() }), { maxLength: 4 });

async function answersTo(workload: Workload, to: number, index: ReturnType<typeof fleetOf>, dryRun: boolean) {
  const hook = webhook({ index, config });
  const next = { ...workload, replicas: to };
  return [
    await hook.validate(scaleReview(workload, to, { dryRun })),
    await hook.validate(updateReview(workload, next, { dryRun })),
  ];
}

const web = deployment(4);
const replicaSet = deployment(4, {
  kind: 'ReplicaSet',
  name: 'web-1',
  uid: 'uid-of-web-1',
  owner: { apiVersion: 'apps/v1', kind: 'Deployment', name: web.name, uid: web.uid },
});

test('what /scale can express is judged on the object exactly as on /scale', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyServing,
      anyCount,
      anyGroups,
      fc.option(fc.nat({ max: 3 })),
      async (workload, to, groups, stored) => {
        const pods = groups.flatMap(({ ordinal, deleting }) => servingGroup(workload, ordinal, () => ({ deleting })));
        const index = fleetOf(pods, [workload]);
        if (stored !== null) {
          const roles = [
            { name: 'prefill', replicas: 1, workers: 0 },
            { name: 'decode', replicas: stored, workers: 0 },
          ];
          index.putRevision({ namespace: 'default', name: 'llama-1', owner: workload.uid, created: 0, roles });
        }
        const [onScale, onObject] = await answersTo(workload, to, index, true);
        assert.deepEqual(onScale, onObject);
      },
    ),
    { numRuns: 300 },
  );
});

test('so it is for a ReplicaSet, whatever its Deployment asks for', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: 6 }),
      fc.nat({ max: 6 }),
      anyCount,
      fc.boolean(),
      async (asked, from, to, isKnown) => {
        const set = { ...replicaSet, replicas: from };
        const index = fleetOf([], isKnown ? [{ ...web, replicas: asked }, set] : [set]);
        const [onScale, onObject] = await answersTo(set, to, index, true);
        assert.deepEqual(onScale, onObject);
      },
    ),
    { numRuns: 200 },
  );
});

test('a dry run has the verdict of the real thing, and changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(anyServing, anyCount, async (workload, to) => {
      const pods = Array.from({ length: workload.replicas }, (_, group) => servingGroup(workload, group)).flat();
      const index = fleetOf(pods, [workload]);
      const { version } = index;
      const dry = (await answersTo(workload, to, index, true)).map((answer) => objectAt(answer, 'response'));
      assert.equal(index.version, version);
      const real = (await answersTo(workload, to, index, false)).map((answer) => objectAt(answer, 'response'));
      assert.deepEqual(dry.map(verdictOf), real.map(verdictOf));
    }),
    { numRuns: 200 },
  );
});

test('pods of a flat workload are judged alike too', async () => {
  const db = deployment(3, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });
  await fc.assert(
    fc.asyncProperty(fc.subarray([0, 1, 2]), fc.boolean(), anyCount, async (ordinals, deleting, to) => {
      const index = fleetOf(
        ordinals.map((ordinal) => appsPod(db, ordinal, ordinal === 0 ? { deleting } : {})),
        [db],
      );
      const [onScale, onObject] = await answersTo(db, to, index, true);
      assert.deepEqual(onScale, onObject);
    }),
  );
});

function verdictOf({ allowed, status }: ReturnType<typeof objectAt>) {
  return { allowed, status };
}
