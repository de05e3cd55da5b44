import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { bytesInUse } from '../builders/memory.ts';

test('nodes that somebody asks about and the fleet does not have are not remembered', () => {
  const index = new FleetIndex();
  const before = bytesInUse();
  for (let number = 0; number < 100_000; number += 1) assert.equal(index.usedOn(`gone-${number}`).size, 0);
  const taken = (bytesInUse() - before) / 2 ** 20;
  assert.ok(taken < 2, `${taken.toFixed(1)} MiB for a fleet of ${index.nodeCount} nodes`);
});
