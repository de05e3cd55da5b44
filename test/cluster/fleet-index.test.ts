import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FleetIndex } from '../../src/cluster/fleet-index.ts';

/** Bytes of objects that are still in use. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

test('nodes that somebody asks about and the fleet does not have are not remembered', () => {
  const index = new FleetIndex();
  const before = memory();
  for (let number = 0; number < 100_000; number += 1) assert.equal(index.usedOn(`gone-${number}`).size, 0);
  const taken = (memory() - before) / 2 ** 20;
  assert.ok(taken < 2, `${taken.toFixed(1)} MiB for a fleet of ${index.nodeCount} nodes`);
});
