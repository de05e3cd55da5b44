import { createRequire } from 'node:module';
import type { Highs } from 'highs';
import type { ConsolidationProblem } from '../../src/domain/planner/problem.ts';

// Its declarations describe the CommonJS build only.
const loadHighs: () => Promise<Highs> = createRequire(import.meta.url)('highs');
const highs = await loadHighs();

/** What HiGHS found within its time, and what it proved that nothing can exceed. */
export interface Exact {
  readonly value: number;
  readonly bound: number;
  readonly proved: boolean;
}

/**
 * Solves a problem as the integer program "maximise Σ value_n y_n with y_n ≤ x_g for every member g on node n and
 * Σ x_g ≤ budget in every pool". Only y has to be integer: x may then be rounded up to 0 or 1 at no loss.
 */
export function exact(problem: ConsolidationProblem, seconds: number): Exact {
  return highs.withModel({ format: 'lp', data: integerProgram(problem) }, (model) => {
    model.options.set({ output_flag: false, time_limit: seconds, mip_rel_gap: 0, mip_abs_gap: 0.5 });
    model.run();
    const bound = Number(model.info.get('mip_dual_bound'));
    const value = Number(model.info.get('primal_solution_status')) === 2 ? model.getObjectiveValue() : 0;
    const proved = model.getModelStatus() === highs.constants.modelStatus.optimal;
    // Values are whole numbers, so a proved optimum is one and a bound may be rounded down to one.
    return { value: Math.round(value), bound: proved ? Math.round(value) : Math.floor(bound + 1e-6), proved };
  });
}

function integerProgram({ nodeValues, members, budgets }: ConsolidationProblem): string {
  const occupied = new Set(members.flatMap(({ nodes }) => nodes));
  const nodes = [...nodeValues.entries()].filter(([node, value]) => value > 0 && occupied.has(node));
  const rows = members.flatMap(({ nodes }, member) => nodes.map((node) => `y${node} - x${member} <= 0`));
  for (const [pool, budget] of budgets.entries()) {
    const own = [...members.entries()].filter(([, member]) => member.pool === pool).map(([member]) => `x${member}`);
    if (own.length > 0) rows.push(`${own.join(' + ')} <= ${budget}`);
  }
  return [
    'Maximize',
    nodes.map(([node, value]) => `${value} y${node}`).join(' + '),
    'Subject To',
    ...rows,
    'Bounds',
    ...members.map((_, member) => `0 <= x${member} <= 1`),
    'Binaries',
    ...nodes.map(([node]) => `y${node}`),
    'End',
  ].join('\n');
}
