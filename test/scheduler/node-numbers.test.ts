import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeNumbers } from '../../src/scheduler/node-numbers.ts';
import { fleetOf, nodeOf, podOf } from '../builders/fleet.ts';

test('the number of a node is worked out once, and again only when the node has changed', () => {
  const fleet = fleetOf([], [], [nodeOf('n1'), nodeOf('n2')]);
  const { nodeTable } = fleet;
  const workedOut: string[] = [];
  const numbers = new NodeNumbers(nodeTable, ({ name, used }) => {
    workedOut.push(name);
    return used.size;
  });
  const placeOf = (name: string) => nodeTable.placeOf(name) ?? assert.fail(`${name} has no place`);
  const numbersOf = (...names: readonly string[]) => names.map((name) => numbers.at(placeOf(name)));
  assert.deepEqual(numbersOf('n1', 'n2', 'n1'), [0, 0, 0]);
  fleet.putPod(podOf('a', { node: 'n2' }));
  fleet.putNode(nodeOf('n3'));
  assert.deepEqual(numbersOf('n1', 'n2', 'n3', 'n2'), [0, 3, 0, 3]);
  assert.deepEqual(workedOut, ['n1', 'n2', 'n2', 'n3']);
  const place = placeOf('n2');
  fleet.deleteNode('n2');
  assert.equal(numbers.at(place), 0);
});
