import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OraclePod, type OracleServing, scaleDownRole } from './kthena.ts';
import { asLive, DECODE, replica, serving } from './kthena-pods.ts';

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
