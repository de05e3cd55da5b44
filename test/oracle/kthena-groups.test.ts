import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OracleOptions, type OraclePod, type OracleServing, scaleDownGroups, seededRandom } from './kthena.ts';
import {
  asLive,
  asNotReady,
  DECODE,
  firstGiven,
  groups,
  RANKS,
  replica,
  SINGLE,
  serving,
  singles,
} from './kthena-pods.ts';

function deletedGroups(pods: readonly OraclePod[], wanted: OracleServing, options: OracleOptions = asLive): string[] {
  return scaleDownGroups(wanted, pods, options).deletedGroups;
}

describe('a Kthena group scale-down', () => {
  it('deletes the group with the lowest sum over all its pods', () => {
    const result = scaleDownGroups(serving(2), groups(['9', '9'], ['16', '1'], ['0', '20']), asLive);
    assert.deepEqual(result, { deletedGroups: ['ms-1'], deletedPods: ['ms-1-decode-0-0', 'ms-1-decode-0-1'] });
  });

  it('deletes nothing when as many groups exist as are wanted, or fewer', () => {
    assert.deepEqual(deletedGroups(singles('1', '2'), serving(2, SINGLE)), []);
    assert.deepEqual(deletedGroups(singles('1', '2'), serving(3, SINGLE)), []);
  });

  it('deletes the higher ordinal when sums are equal', () => {
    assert.deepEqual(deletedGroups(groups(['2', '3'], ['1', '4'], ['5', '0']), serving(1)), ['ms-2', 'ms-1']);
  });

  it('compares ordinals as numbers, so ms-10 goes before ms-9', () => {
    assert.deepEqual(deletedGroups([...replica(10, 0, ['1']), ...replica(9, 0, ['1'])], serving(1, SINGLE)), ['ms-10']);
  });

  it('counts a bad or missing cost as 0', () => {
    assert.deepEqual(deletedGroups(singles('1', '1e9', '2'), serving(2, SINGLE)), ['ms-1']);
    assert.deepEqual(deletedGroups(singles('1', undefined, '2'), serving(2, SINGLE)), ['ms-1']);
  });

  it('deletes groups that are not ready before any cost counts', () => {
    const pods = [...replica(0, 0, ['99', '99'], { ready: false }), ...replica(1, 0, ['0', '0'])];
    assert.deepEqual(deletedGroups(pods, serving(1)), ['ms-0']);
  });

  it('takes a group that lacks a worker, a role replica or keeps a terminating pod for not ready', () => {
    const whole = replica(1, 0, ['0', '0']);
    assert.deepEqual(deletedGroups([...replica(0, 0, ['99']), ...whole], serving(1)), ['ms-0']);

    const twoReplicas = serving(1, { roles: [{ ...DECODE, replicas: 2 }] });
    const lacking = [...replica(0, 0, ['99', '99']), ...whole, ...replica(1, 1, ['0', '0'])];
    assert.deepEqual(deletedGroups(lacking, twoReplicas), ['ms-0']);

    const leaving = replica(0, 1, ['99', '99'], { deleting: true });
    assert.deepEqual(deletedGroups([...replica(0, 0, ['99', '99']), ...leaving, ...whole], serving(1)), ['ms-0']);
  });

  it('still takes a group with more role replicas than wanted for ready, since groups are synced before roles', () => {
    const larger = [...replica(0, 0, ['5', '5']), ...replica(0, 1, ['5', '5'])];
    assert.deepEqual(deletedGroups([...larger, ...replica(1, 0, ['0', '0'])], serving(1)), ['ms-1']);
  });

  it('protects the first groups by list position until all others are gone', () => {
    const pods = singles('0', '1', '30', '20');
    assert.deepEqual(deletedGroups(pods, serving(3, { ...SINGLE, partition: 2 })), ['ms-3']);
    assert.deepEqual(deletedGroups(pods, serving(1, { ...SINGLE, partition: 2 }), asNotReady), [
      'ms-3',
      'ms-2',
      'ms-0',
    ]);
    assert.deepEqual(deletedGroups(pods, serving(0, { ...SINGLE, partition: 9 })), ['ms-0', 'ms-1', 'ms-3', 'ms-2']);
  });

  it('counts list positions, not ordinals, for the partition', () => {
    const pods = [...replica(3, 0, ['1']), ...replica(5, 0, ['9'])];
    assert.deepEqual(deletedGroups(pods, serving(1, { ...SINGLE, partition: 1 })), ['ms-5']);
  });

  it('counts a group that is already being deleted, so nothing more goes when it ranks lowest', () => {
    const pods = [...replica(0, 0, ['0', '0'], { deleting: true }), ...groups([], ['5', '5'], ['5', '5'])];
    for (const deletingRank of RANKS) {
      assert.deepEqual(deletedGroups(pods, serving(2), { deletingRank, random: firstGiven }), ['ms-0']);
    }
  });

  it('draws the vanishing pods from the generator, repeatably', () => {
    const once = (seed: number) =>
      scaleDownGroups(serving(0), groups(['0', '0'], ['0', '0']), { ...asLive, random: seededRandom(seed) });
    assert.deepEqual(once(7), once(7));
    const orders = new Set(Array.from({ length: 40 }, (_, seed) => once(seed).deletedPods.join()));
    assert.ok(orders.size > 10, `40 seeds gave ${orders.size} of the 24 orders`);
  });
});

describe('a Kthena group scale-down that deletes too many', () => {
  it('loses a survivor without costs once the negative cost of a victim has vanished', () => {
    const pods = groups([undefined, undefined], ['-100', undefined], [undefined, undefined]);
    const result = scaleDownGroups(serving(2), pods, asLive);
    assert.deepEqual(result.deletedGroups, ['ms-1', 'ms-2']);
    assert.equal(result.deletedPods.length, 4);
    assert.deepEqual(deletedGroups(pods, serving(2), asNotReady), ['ms-1']);
  });

  it('loses a survivor when the sum of a victim passes it as pods vanish', () => {
    const pods = groups(['5', '5'], ['-100', '50'], ['6', '6']);
    assert.deepEqual(deletedGroups(pods, serving(2)), ['ms-1', 'ms-0']);
    const workersFirst = { ...asLive, random: () => 0.99 };
    assert.deepEqual(deletedGroups(pods, serving(2), workersFirst), ['ms-1']);
  });

  it('keeps to the plan in every order when victims cost 0 or more and stay below every survivor', () => {
    const pods = groups(['1', '0'], ['0', '0'], ['3', '4'], ['0', '2'], ['0', '0']);
    for (const deletingRank of RANKS) {
      for (let seed = 0; seed < 50; seed++) {
        const gone = deletedGroups(pods, serving(2), { deletingRank, random: seededRandom(seed) });
        assert.deepEqual(gone, ['ms-4', 'ms-1', 'ms-0'], `${deletingRank}, seed ${seed}`);
      }
    }
  });

  it('loses a live group that ranks before one already being deleted, unless deleting ranks like not ready', () => {
    const pods = [...replica(0, 0, ['3', '2'], { deleting: true }), ...groups([], ['1', '1'], ['9', '9'])];
    assert.deepEqual(deletedGroups(pods, serving(2)), ['ms-0', 'ms-1']);
    assert.deepEqual(deletedGroups(pods, serving(2), asNotReady), ['ms-0']);
  });

  it('deletes a group that is not ready in addition to one being deleted that costs more', () => {
    const pods = [
      ...replica(0, 0, ['3', '2'], { deleting: true }),
      ...replica(1, 0, ['9', '9']),
      ...replica(2, 0, ['0', '0'], { ready: false }),
    ];
    for (const deletingRank of RANKS) {
      assert.deepEqual(deletedGroups(pods, serving(2), { deletingRank, random: firstGiven }), ['ms-0', 'ms-2']);
    }
  });

  it('loses a cheap protected group when the list shortens and a victim slides into the partition', () => {
    const pods = singles('1', '5', '10', '20');
    const wanted = serving(1, { ...SINGLE, partition: 2 });
    assert.deepEqual(deletedGroups(pods, wanted), ['ms-2', 'ms-3', 'ms-0', 'ms-1']);
    assert.deepEqual(deletedGroups(pods, wanted, asNotReady), ['ms-2', 'ms-3', 'ms-0']);
  });

  it('loses a group whose cost is lowered while another terminates', () => {
    const pods = groups(['50', '50'], ['0', '2'], ['50', '50']);
    const lowered = {
      afterVanished: 1,
      replicas: 2,
      costs: () => ({ 'ms-2-decode-0-0': '0', 'ms-2-decode-0-1': '0' }),
    };
    assert.deepEqual(deletedGroups(pods, serving(2), { ...asLive, changes: [lowered] }), ['ms-1', 'ms-2']);
    assert.deepEqual(deletedGroups(pods, serving(2), { ...asNotReady, changes: [lowered] }), ['ms-1']);
  });
});

describe('a Kthena group scale-down in steps', () => {
  const ten = groups(...Array.from({ length: 10 }, (_, g) => (g === 3 || g === 6 ? ['0', '0'] : ['50', '50'])));

  it('goes from 10 to 8 and on to 7 with the third victim between the dying groups and the survivors', () => {
    const costs = () => ({ 'ms-8-decode-0-0': '1', 'ms-8-decode-0-1': '0' });
    for (const deletingRank of RANKS) {
      for (let seed = 0; seed < 50; seed++) {
        for (const afterVanished of [0, 1, 2, 3, 4]) {
          const changes = [{ afterVanished, replicas: 7, costs }];
          const gone = deletedGroups(ten, serving(8), { deletingRank, random: seededRandom(seed), changes });
          assert.deepEqual(gone, ['ms-6', 'ms-3', 'ms-8'], `${deletingRank}, seed ${seed}, after ${afterVanished}`);
        }
      }
    }
  });

  it('applies a change that would come too late as soon as nothing is left to vanish', () => {
    const changes = [{ afterVanished: 1000, replicas: 7 }];
    assert.deepEqual(deletedGroups(ten, serving(8), { ...asLive, changes }), ['ms-6', 'ms-3', 'ms-9']);
  });

  it('shows the pods that still exist to whoever writes the costs of the next step', () => {
    const seen: string[] = [];
    const costs = (existing: readonly OraclePod[]) => {
      seen.push(...existing.map((pod) => `${pod.name} ${pod.deleting}`));
      return {};
    };
    deletedGroups(singles('0', '1'), serving(1, SINGLE), {
      ...asLive,
      changes: [{ afterVanished: 0, replicas: 1, costs }],
    });
    assert.deepEqual(seen, ['ms-0-decode-0-0 true', 'ms-1-decode-0-0 false']);
  });
});
