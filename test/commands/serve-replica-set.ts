import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { temporaryFolder } from '../http/reloading-server.ts';
import { start } from './packdown-process.ts';

/**
 * `packdown serve` on tls.crt and tls.key of a folder, with a fleet of this ReplicaSet and its pods; ended with the
 * test at the latest. `told` gives the next line of its log with a message.
 */
export async function serveReplicaSet(
  t: TestContext,
  replicaSet: Workload,
  certificates: string,
  flags: readonly string[] = [],
) {
  const fleet = join(temporaryFolder(t), 'fleet.json');
  writeFileSync(fleet, JSON.stringify(listOf(replicaSet)));
  const { child, ended } = start(t, [
    ...['serve', '--fleet', fleet, '--host', '127.0.0.1', '--port', '0', '--ops-port', '0'],
    ...['--tls-cert', join(certificates, 'tls.crt'), '--tls-key', join(certificates, 'tls.key')],
    ...flags,
  ]);
  const lines = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const told = async (message: string) => {
    for (;;) {
      const { done, value } = await lines.next();
      assert.ok(!done, `packdown ended before it logged "${message}"`);
      const line = JSON.parse(value);
      if (line.msg === message) return line;
    }
  };
  const { port, opsPort } = await told('serving');
  return { child, ended, told, port, opsPort };
}

/** A ReplicaSet and its pods, as `kubectl get -o json` prints them. */
function listOf(replicaSet: Workload): object {
  const { namespace, name, uid } = replicaSet;
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid, controller: true };
  const pods = Array.from({ length: replicaSet.replicas }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: `${name}-${index}`, uid: `uid-of-${name}-${index}`, ownerReferences: [owner] },
    spec: { nodeName: 'n1', containers: [{ name: 'main' }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  }));
  const object = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { namespace, name, uid }, spec: replicaSet };
  return { apiVersion: 'v1', kind: 'List', items: [object, ...pods] };
}
