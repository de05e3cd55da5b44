import { isDeepStrictEqual } from 'node:util';
import type { ConsolidationProblem } from '../domain/planner/problem.ts';
import { type Proof, prove } from '../domain/planner/prove.ts';

/** Proves at once, or elsewhere: null then says that no answer came in time. */
export type Prove = (problem: ConsolidationProblem) => Proof | Promise<Proof | null>;

/** What rests on choices that take long. */
export interface Unproven<Result> {
  readonly problems: readonly ConsolidationProblem[];
  complete(proofOf: (problem: ConsolidationProblem) => Proof): Result;
}

/** How often proofs are asked for because the fleet has changed while they were made. */
const LOOKS = 3;

/**
 * Completes what rests on proofs that may be made elsewhere. `look` opens it on the fleet as it is at that moment: a
 * proof holds for the problem that was asked about, so the problems must still be the same once the answers are there.
 * If not, they are asked again, and in the end proved here and now. Null says that no answer came in time.
 */
export async function completeProven<Result>(look: () => Unproven<Result>, proofFor: Prove): Promise<Result | null> {
  let open = look();
  const completeWith = (proofs: readonly Proof[]) =>
    open.complete((problem) => proofs[open.problems.indexOf(problem)] ?? prove(problem));
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const asked = open.problems;
    const answers = asked.map(proofFor);
    const atOnce = answers.flatMap((answer) => (answer instanceof Promise ? [] : [answer]));
    if (atOnce.length === answers.length) return completeWith(atOnce);
    const proofs = (await Promise.all(answers)).filter((answer) => answer !== null);
    if (proofs.length < answers.length) return null;
    open = look();
    if (isDeepStrictEqual(open.problems, asked)) return completeWith(proofs);
  }
  return open.complete(prove);
}
