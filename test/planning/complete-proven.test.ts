import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConsolidationProblem } from '../../src/domain/planner/problem.ts';
import { type Proof, prove } from '../../src/domain/planner/prove.ts';
import { completeProven, type Prove, type Unproven } from '../../src/planning/complete-proven.ts';
import { largeProblem } from './large-problem.ts';

/** Complete, what goes of each problem. */
function openOf(...problems: readonly ConsolidationProblem[]): Unproven<readonly Proof[]> {
  return { problems, complete: (proofOf) => problems.map(proofOf) };
}

/** What a thread would never answer, so that it is told from what was proved here. */
const elsewhere: Proof = { chosen: [0], bound: 0.5 };

/** Completes what looks like this at its first look, its second, and so on, each made anew as on a real fleet. */
async function complete(looks: readonly (readonly ConsolidationProblem[])[], answer: () => ReturnType<Prove>) {
  const left = [...looks];
  let asked = 0;
  const completed = await completeProven(
    () => openOf(...structuredClone(left.shift() ?? assert.fail('looked too often'))),
    () => {
      asked += 1;
      return answer();
    },
  );
  return { completed, asked, left: left.length };
}

const later = async () => elsewhere;
const [small, large] = [largeProblem(4), largeProblem(6)];

describe('what rests on proofs that are made elsewhere', () => {
  it('is completed with them once they are all there, on the fleet as it is then', async () => {
    const looks = [
      [small, large],
      [small, large],
    ];
    const completed = [elsewhere, elsewhere];
    assert.deepEqual(await complete(looks, later), { completed, asked: 2, left: 0 });
  });

  it('is completed on the one look where all of them are there at once', async () => {
    const completed = [elsewhere, elsewhere];
    assert.deepEqual(await complete([[small, large]], () => elsewhere), { completed, asked: 2, left: 0 });
  });

  it('is asked about again where a problem has changed meanwhile', async () => {
    const looks = [[small], [large], [large]];
    assert.deepEqual(await complete(looks, later), { completed: [elsewhere], asked: 2, left: 0 });
  });

  it('is proved here and now where the fleet never stands still, on the last look', async () => {
    const looks = [4, 6, 8, 10].map((groups) => [largeProblem(groups)]);
    const completed = [prove(largeProblem(10))];
    assert.deepEqual(await complete(looks, later), { completed, asked: 3, left: 0 });
  });

  it('is not completed where one of them did not come in time', async () => {
    const answers = [elsewhere, null];
    const { completed, asked } = await complete([[small, large]], async () => answers.shift() ?? null);
    assert.deepEqual([completed, asked], [null, 2]);
  });
});
