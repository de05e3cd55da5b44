import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  kthenaCost,
  type OracleOptions,
  type OraclePod,
  type OracleServing,
  scaleDownGroups,
  scaleDownRole,
  seededRandom,
} from './kthena.ts';
import { type OracleReplica, replicaSetCost, replicaSetVictims } from './replicaset.ts';
import { statefulSetVictims } from './statefulset.ts';

const DECODE = { name: 'decode', replicas: 1, workers: 1 };
const RANKS = ['as-live', 'as-not-ready'] as const;
const firstGiven = () => 0;
const asLive: OracleOptions = { deletingRank: 'as-live', random: firstGiven };
const asNotReady: OracleOptions = { deletingRank: 'as-not-ready', random: firstGiven };

/** One role replica: the entry pod first, one cost a pod. */
function replica(
  group: number,
  roleOrdinal: number,
  costs: readonly (string | undefined)[],
  state: Partial<OraclePod> = {},
): OraclePod[] {
  return costs.map((cost, index) => ({
    name: `ms-${group}-decode-${roleOrdinal}-${index}`,
    group: `ms-${group}`,
    groupOrdinal: group,
    role: 'decode',
    roleOrdinal,
    entry: index === 0,
    cost,
    ready: true,
    deleting: false,
    ...state,
  }));
}

function serving(replicas: number, more: Partial<OracleServing> = {}): OracleServing {
  return { name: 'ms', replicas, roles: [DECODE], ...more };
}

/** Groups 0, 1, 2 … of one role replica each, from their pods' costs. */
function groups(...costs: (readonly (string | undefined)[])[]): OraclePod[] {
  return costs.flatMap((pods, ordinal) => replica(ordinal, 0, pods));
}

/** The same, with one pod a group. */
const SINGLE = { roles: [{ name: 'decode', replicas: 1, workers: 0 }] };
function singles(...costs: (string | undefined)[]): OraclePod[] {
  return groups(...costs.map((cost) => [cost]));
}

function deletedGroups(pods: readonly OraclePod[], wanted: OracleServing, options: OracleOptions = asLive): string[] {
  return scaleDownGroups(wanted, pods, options).deletedGroups;
}

describe('a Kthena cost', () => {
  for (const [raw, expected] of [
    [undefined, 0n],
    ['', 0n],
    ['1.5', 0n],
    [' 7', 0n],
    ['7\n', 0n],
    ['1_0', 0n],
    ['-', 0n],
    ['0x10', 0n],
    ['9223372036854775807', 9223372036854775807n],
    ['9223372036854775808', 0n],
    ['-9223372036854775808', -9223372036854775808n],
    ['+10', 10n],
    ['008', 8n],
    ['-3', -3n],
  ] as const) {
    it(`${JSON.stringify(raw)} counts ${expected}`, () => assert.equal(kthenaCost(raw), expected));
  }
});

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

describe('a Kthena role scale-down', () => {
  const decode = (replicas: number, more: Partial<OracleServing> = {}) =>
    serving(1, { roles: [{ ...DECODE, replicas }], ...more });
  const deletedReplicas = (pods: readonly OraclePod[], wanted: OracleServing, options = asLive) =>
    scaleDownRole(wanted, 'ms-0', 'decode', pods, options).deletedReplicas;

  it('deletes the role replica with the lowest sum, and only its pods', () => {
    const pods = [...replica(0, 0, ['9', '9']), ...replica(0, 1, ['4', '0']), ...replica(0, 2, ['0', '5'])];
    const result = scaleDownRole(decode(2), 'ms-0', 'decode', [...pods, ...replica(1, 0, ['0', '0'])], asLive);
    assert.deepEqual(result, { deletedReplicas: ['decode-1'], deletedPods: ['ms-0-decode-1-0', 'ms-0-decode-1-1'] });
  });

  it('deletes the higher ordinal when sums are equal, and what is not ready before any cost', () => {
    const pods = [...replica(0, 0, ['1', '1']), ...replica(0, 1, ['2', '0']), ...replica(0, 2, ['9'])];
    assert.deepEqual(deletedReplicas(pods, decode(1)), ['decode-2', 'decode-1']);
  });

  it('leaves replicas being deleted out of the ranking and of the count', () => {
    const pods = [
      ...replica(0, 0, ['9', '9'], { deleting: true }),
      ...replica(0, 1, ['1', '1']),
      ...replica(0, 2, ['2', '2']),
    ];
    assert.deepEqual(deletedReplicas(pods, decode(2)), ['decode-0']);
    assert.deepEqual(deletedReplicas(pods, decode(1)), ['decode-0', 'decode-1']);
  });

  it('deletes no more than planned even with a negative cost', () => {
    const pods = [...replica(0, 0, ['0', '0']), ...replica(0, 1, ['-100', '50']), ...replica(0, 2, ['0', '0'])];
    assert.deepEqual(deletedReplicas(pods, decode(2)), ['decode-1']);
  });

  it('protects the first replicas by list position, those being deleted included', () => {
    const pods = [
      ...replica(0, 0, ['0', '0'], { deleting: true }),
      ...replica(0, 1, ['0', '0']),
      ...replica(0, 2, ['7', '7']),
      ...replica(0, 3, ['5', '5']),
    ];
    assert.deepEqual(deletedReplicas(pods, decode(2, { rolePartitions: { decode: 2 } })), ['decode-0', 'decode-3']);
    assert.deepEqual(deletedReplicas(pods, decode(2, { rolePartitions: { prefill: 4 } })), ['decode-0', 'decode-1']);
  });

  it('goes down in steps, each ranked by the costs of its own moment', () => {
    const pods = [...replica(0, 0, ['9', '9']), ...replica(0, 1, ['1', '1']), ...replica(0, 2, ['5', '5'])];
    const changes = [{ afterVanished: 1, replicas: 1, costs: () => ({ 'ms-0-decode-2-0': '20' }) }];
    assert.deepEqual(deletedReplicas(pods, decode(2), { ...asLive, changes }), ['decode-1', 'decode-0']);
  });

  it('is skipped in a group that is being deleted', () => {
    const pods = [...replica(0, 0, ['0', '0'], { deleting: true }), ...replica(0, 1, ['0', '0'], { deleting: true })];
    assert.deepEqual(deletedReplicas(pods, decode(1)), []);
  });

  it('refuses a role the serving does not have', () => {
    assert.throws(() => scaleDownRole(decode(1), 'ms-0', 'prefill', [], asLive), /has no role prefill/);
  });
});

describe('a ReplicaSet cost', () => {
  for (const [raw, expected] of [
    [undefined, 0],
    ['', 0],
    ['+10', 0],
    ['008', 0],
    ['00', 0],
    ['1.5', 0],
    [' 1', 0],
    ['-', 0],
    ['2147483648', 0],
    ['-2147483649', 0],
    ['0', 0],
    ['2147483647', 2147483647],
    ['-2147483648', -2147483648],
    ['-05', -5],
    ['41', 41],
  ] as const) {
    it(`${JSON.stringify(raw)} counts ${expected}`, () => assert.equal(replicaSetCost(raw), expected));
  }
});

describe('a ReplicaSet scale-down', () => {
  const now = Date.parse('2026-01-01T12:00:00Z');
  const ago = (seconds: number) => now - seconds * 1000;
  const pod = (name: string, more: Partial<OracleReplica> = {}): OracleReplica => ({
    name,
    uid: name,
    node: `node-of-${name}`,
    phase: 'Running',
    ready: true,
    readySince: ago(1000),
    created: ago(1000),
    restarts: 0,
    cost: undefined,
    deleting: false,
    ...more,
  });
  const whole = (pods: OracleReplica[], more = {}) => replicaSetVictims(pods, pods.length, { now, ...more });

  it('follows unassigned, phase, readiness and cost, in this order', () => {
    const pods = [
      pod('dear', { cost: '10' }),
      pod('cheap', { cost: '-10' }),
      pod('unready', { ready: false, cost: '2147483647' }),
      pod('unknown', { phase: 'Unknown', cost: '2147483647' }),
      pod('pending', { phase: 'Pending', ready: false, cost: '2147483647' }),
      pod('unassigned', { node: undefined, phase: 'Pending', ready: false, cost: '2147483647' }),
      pod('free'),
    ];
    assert.deepEqual(whole(pods), ['unassigned', 'pending', 'unknown', 'unready', 'cheap', 'free', 'dear']);
    assert.deepEqual(replicaSetVictims(pods, 2, { now }), ['unassigned', 'pending']);
  });

  it('reads a cost that is not an int32 as 0', () => {
    assert.deepEqual(whole([pod('a', { cost: '1' }), pod('b', { cost: '+5' }), pod('c', { cost: '-1' })]), [
      'c',
      'b',
      'a',
    ]);
  });

  it('prefers the fuller node, counted once over all ReplicaSets of the Deployment', () => {
    const pods = [
      pod('lone', { readySince: ago(1) }),
      pod('a', { node: 'full' }),
      pod('b', { node: 'full', restarts: 1 }),
    ];
    assert.deepEqual(whole(pods), ['b', 'a', 'lone']);
    const siblings = [pod('s1', { node: 'node-of-lone' }), pod('s2', { node: 'node-of-lone' })];
    assert.deepEqual(whole(pods, { siblings }), ['lone', 'b', 'a']);
    const leaving = siblings.map((sibling) => ({ ...sibling, deleting: true }));
    assert.deepEqual(whole(pods, { siblings: leaving }), ['b', 'a', 'lone']);
  });

  it('counts no related pods at all when no Deployment owns the ReplicaSet', () => {
    const pods = [pod('a', { node: 'full' }), pod('b', { node: 'full' }), pod('lone', { readySince: ago(1) })];
    assert.deepEqual(replicaSetVictims(pods, 1, { now, standalone: true }), ['lone']);
  });

  it('compares ready times by log2 buckets and breaks a tie within a bucket by UID, not by restarts', () => {
    const minutes = pod('z-minutes', { readySince: ago(300) });
    const hours = pod('a-hours', { readySince: ago(7200), restarts: 9 });
    assert.deepEqual(whole([hours, minutes]), ['z-minutes', 'a-hours']);

    // 600 s and 1090 s are both between 2^39 ns (550 s) and 2^40 ns (1099.5 s); 1200 s is above.
    const younger = pod('z-younger', { readySince: ago(600), restarts: 9 });
    const older = pod('a-older', { readySince: ago(1090) });
    assert.deepEqual(whole([younger, older]), ['a-older', 'z-younger']);
    assert.deepEqual(whole([pod('a-1200', { readySince: ago(1200) }), younger]), ['z-younger', 'a-1200']);
  });

  it('prefers more restarts when the ready times are equal, then more of sidecars, then the newer bucket of creation', () => {
    const pods = [
      pod('a-old', { created: ago(9000) }),
      pod('z-new', { created: ago(1000) }),
      pod('restarted', { created: ago(90000), restarts: 2 }),
      pod('sidecar', { created: ago(90000), sidecarRestarts: 3 }),
    ];
    assert.deepEqual(whole(pods), ['restarted', 'sidecar', 'z-new', 'a-old']);
  });

  it('ignores ready times while pods are not ready', () => {
    const pods = [
      pod('a', { ready: false, readySince: undefined }),
      pod('b', { ready: false, readySince: ago(1), restarts: 1 }),
    ];
    assert.deepEqual(whole(pods), ['b', 'a']);
  });

  it('neither deletes nor counts finished and terminating pods', () => {
    const pods = [pod('leaving', { deleting: true }), pod('failed', { phase: 'Failed' }), pod('live')];
    assert.deepEqual(replicaSetVictims(pods, 3, { now }), ['live']);
  });
});

describe('a StatefulSet scale-down', () => {
  it('deletes the highest ordinals first', () => {
    const pods = [2, 0, 10, 9].map((ordinal) => ({ name: `web-${ordinal}`, ordinal }));
    assert.deepEqual(statefulSetVictims(pods, 2), ['web-10', 'web-9', 'web-2']);
    assert.deepEqual(statefulSetVictims(pods, 11), []);
  });
});
