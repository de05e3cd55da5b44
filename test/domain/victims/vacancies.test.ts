import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingOrdinals, vacancies } from '../../../src/domain/victims/vacancies.ts';

const CASES = [
  { name: 'a new workload gets the first ordinals', existing: [], wanted: 2, created: [0, 1] },
  { name: 'nothing is created when enough exist', existing: [0, 1, 2], wanted: 3, created: [] },
  { name: 'nothing is created when more exist', existing: [0, 1, 2], wanted: 1, created: [] },
  { name: 'a gap is filled before the end grows', existing: [0, 2], wanted: 4, created: [1, 3] },
  { name: 'as many as are short, not as many as are missing', existing: [2, 3], wanted: 3, created: [0] },
  { name: 'ordinals beyond the count leave the gaps empty', existing: [5, 6], wanted: 2, created: [] },
  { name: 'ordinals may start higher', existing: [3, 5], wanted: 4, first: 3, created: [4, 6] },
  { name: 'the order given does not matter', existing: [4, 0, 2], wanted: 5, created: [1, 3] },
];

const numbered = (ordinals: readonly number[]) => ordinals.map((ordinal) => ({ ordinal }));

for (const { name, existing, wanted, first = 0, created } of CASES) {
  test(`vacancies: ${name}`, () => assert.deepEqual(vacancies(numbered(existing), wanted, first), created));
}

test('vacancies: of the largest count that Kubernetes knows, the first 10,000 are named', () => {
  const created = vacancies(numbered([1]), 2_147_483_647);
  assert.deepEqual([created.length, created.slice(0, 3), created.at(-1)], [10_000, [0, 2, 3], 10_000]);
});

test('vacancies: where the next ordinal is no other number any more, none is looked for for ever', () => {
  const last = 2 ** 53;
  assert.deepEqual(vacancies(numbered([last]), 2, last), []);
});

test('missing ordinals: all gaps below the count are filled, whatever there is beyond it', () => {
  assert.deepEqual(missingOrdinals(numbered([2, 3]), 3, 0), [0, 1]);
  assert.deepEqual(missingOrdinals(numbered([5, 6]), 2, 0), [0, 1]);
  assert.deepEqual(missingOrdinals(numbered([0, 3, 5]), 4, 3), [4, 6]);
});
