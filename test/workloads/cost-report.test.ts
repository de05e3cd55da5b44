import assert from 'node:assert/strict';
import { it } from 'node:test';
import { reportCosts } from '../../src/workloads/cost-report.ts';
import { fleetOf, ours, podOf, theirs } from '../builders/fleet.ts';

it('the costs of all pods are told by name, with who wrote each', () => {
  const pods = [
    podOf('c', { node: 'n1', ...ours(57) }),
    podOf('a', { node: null }),
    podOf('b', { node: 'n2', ...theirs('-7') }),
  ];
  assert.deepEqual(reportCosts(fleetOf(pods)), [
    { pod: 'default/a', node: null, cost: null, owner: null },
    { pod: 'default/b', node: 'n2', cost: '-7', owner: 'other' },
    { pod: 'default/c', node: 'n1', cost: '57', owner: 'packdown' },
  ]);
});
