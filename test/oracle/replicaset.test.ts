import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OracleReplica, replicaSetCost, replicaSetVictims } from './replicaset.ts';

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
