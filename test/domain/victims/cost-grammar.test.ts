import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kthenaCost, MAX_COST, MIN_COST, replicaSetCost } from '../../../src/domain/victims/cost-grammar.ts';
import { kthenaCost as oracleKthena } from '../../oracle/kthena.ts';
import { replicaSetCost as oracleReplicaSet } from '../../oracle/replicaset.ts';
import { runs } from './properties.ts';

const CASES = [
  { text: null, replicaSet: 0, kthena: 0 },
  { text: '', replicaSet: 0, kthena: 0 },
  { text: '0', replicaSet: 0, kthena: 0 },
  { text: '41', replicaSet: 41, kthena: 41 },
  { text: '-5', replicaSet: -5, kthena: -5 },
  { text: '-05', replicaSet: -5, kthena: -5 },
  { text: '+10', replicaSet: 0, kthena: 10 },
  { text: '007', replicaSet: 0, kthena: 7 },
  { text: '1.5', replicaSet: 0, kthena: 0 },
  { text: '1e3', replicaSet: 0, kthena: 0 },
  { text: ' 1', replicaSet: 0, kthena: 0 },
  { text: '1 ', replicaSet: 0, kthena: 0 },
  { text: '1\n', replicaSet: 0, kthena: 0 },
  { text: '-', replicaSet: 0, kthena: 0 },
  { text: '0x10', replicaSet: 0, kthena: 0 },
  { text: '2147483647', replicaSet: MAX_COST, kthena: MAX_COST },
  { text: '-2147483648', replicaSet: MIN_COST, kthena: MIN_COST },
  { text: '2147483648', replicaSet: 0, kthena: 2147483648 },
  { text: '-2147483649', replicaSet: 0, kthena: -2147483649 },
];

for (const { text, replicaSet, kthena } of CASES) {
  test(`the cost ${JSON.stringify(text)} is ${replicaSet} to a ReplicaSet and ${kthena} to Kthena`, () => {
    assert.equal(replicaSetCost(text), replicaSet);
    assert.equal(kthenaCost(text), kthena);
  });
}

test('any text is the cost that both controllers read', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...'+-0123456789 .e') }),
    fc.integer({ min: 2 * MIN_COST, max: 2 * MAX_COST }).map(String),
  );
  fc.assert(
    fc.property(text, (text) => {
      assert.equal(replicaSetCost(text), oracleReplicaSet(text));
      const known = oracleKthena(text);
      // Beyond what a float holds exactly the two part; no cost that Kubernetes lets through is near there.
      if (BigInt(Number(known)) === known && Number.isSafeInteger(Number(known))) {
        assert.equal(BigInt(kthenaCost(text)), known);
      }
    }),
    runs(5000),
  );
});
