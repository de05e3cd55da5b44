import { isDeepStrictEqual } from 'node:util';
import type { ConsolidationProblem } from '../domain/planner/problem.ts';
import { type Proof, prove } from '../domain/planner/prove.ts';

/** What rests on choices that take long. */
export interface Unproven<Result> {
  readonly problems: readonly ConsolidationProblem[];
  complete(proofOf: (problem: ConsolidationProblem) => Proof): Result;
}

/** How often proofs are asked for because the fleet has changed while they were made. */
const LOOKS = 3;

/**
 * Completes what rests on proofs that are made elsewhere. `look` opens it on the fleet as it is at that moment: a proof
 * holds for the problem that was asked about, so the problems must still be the same once the answers are there. If not,
 * they are asked again, and in the end proved here and now. Null says that no answer came in time.
 */
export async function completeProven<Result>(
  look: () => Unproven<Result>,
  proveElsewhere: (problem: ConsolidationProblem) => Promise<Proof | null>,
): Promise<Result | null> {
  let open = look();
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const asked = open.problems;
    const answers = await Promise.all(asked.map(proveElsewhere));
    const proofs = answers.filter((answer) => answer !== null);
    if (proofs.length < answers.length) return null;
    open = look();
    const { problems } = open;
    if (isDeepStrictEqual(problems, asked)) return open.complete((one) => proofs[problems.indexOf(one)] ?? prove(one));
  }
  return open.complete(prove);
}
