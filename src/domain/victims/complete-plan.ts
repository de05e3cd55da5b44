import { chooseQuickly } from '../planner/joint.ts';
import type { ConsolidationProblem } from '../planner/problem.ts';
import type { Choice } from '../planner/solve.ts';
import { withinSpread } from '../planner/spread.ts';
import type { OpenPlan } from './plan.ts';

/** How often a plan is made anew because the fleet has changed while it was thought about. */
const LOOKS = 2;

/**
 * Completes a plan whose choice may be made elsewhere. `look` opens it on the fleet as it is at that moment: once the
 * answer comes, whoever was chosen must still be free to choose. If not, it is asked again, and in the end chosen here
 * and now, quickly.
 */
export async function completePlan<Result>(
  look: () => OpenPlan<Result>,
  choose: (problem: ConsolidationProblem) => Choice,
): Promise<Result> {
  let open = look();
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const answer = choose(open.problem);
    if (!(answer instanceof Promise)) return open.complete(answer);
    const { members } = open;
    const removed = await answer;
    open = look();
    if (removed === null) break;
    const found = findAgain(
      removed.flatMap((index) => members[index] ?? []),
      open,
    );
    if (found !== null) return open.complete(found);
  }
  return open.complete(withinSpread(open.problem, chooseQuickly));
}

/** Where the chosen are in a later look; null if one is no longer free to choose, or more or fewer are to go now. */
function findAgain(chosen: readonly string[], { members, problem }: OpenPlan<unknown>): readonly number[] | null {
  const numbers = new Map(members.map((member, index) => [member, index]));
  const found = chosen.flatMap((member) => numbers.get(member) ?? []);
  return found.length === chosen.length && fits(found, problem) ? found : null;
}

/** Whether every pool loses as many as it is to, or all it has. */
function fits(removed: readonly number[], { members, budgets }: ConsolidationProblem): boolean {
  const counts = (indices: readonly number[]) => {
    const ofPool = budgets.map(() => 0);
    for (const index of indices) {
      const pool = members[index]?.pool ?? -1;
      ofPool[pool] = (ofPool[pool] ?? 0) + 1;
    }
    return ofPool;
  };
  const sizes = counts([...members.keys()]);
  const removals = counts(removed);
  return budgets.every((budget, pool) => removals[pool] === Math.min(budget, sizes[pool] ?? 0));
}
