import { consolidate } from '../../src/domain/planner/joint.ts';
import type { Table } from '../report.ts';
import { mean, quantile, timed } from '../statistics.ts';
import { type Exact, exact } from './exact.ts';
import { openbNodes } from './openb.ts';
import { type Fleet, type Placement, randomFleet } from './random-fleet.ts';
import { outcome, RULES, type Rule } from './rules.ts';

export const JOINT_INTRO = `How much of the best known plan the planner and other rules free when every workload removes 30 % of its groups at
once, on SYNTHETIC group shapes. best: the best plan known, HiGHS' or that of a search about ten times as long. worst and short:
the worst seed, in % and in nodes (or GPUs, where they are counted). bound: what HiGHS proved that nothing exceeds in its time.
A node that was empty before counts for nobody. p50: CPU time of the planning thread.`;

const GPUS_PER_NODE = 8;
const MIXES = ['8 GPUs each, by count', 'openb mix, by GPUs'] as const;

interface Run {
  readonly fleet: Fleet;
  readonly seed: number;
  readonly exact: Exact;
  readonly best: number;
}

/** One table for each mix of nodes and each placement; HiGHS has `seconds` for every fleet. */
export function jointTables(size: number, seeds: readonly number[], seconds: number): readonly Table[] {
  warmUp();
  return MIXES.flatMap((mix) =>
    (['spread', 'binpacked'] as const).map((placement) =>
      table(
        `${size} nodes, ${mix}, ${placement}`,
        seeds.map((seed) => prepare(size, mix === MIXES[0], placement, seed, seconds)),
      ),
    ),
  );
}

/** Lets the engine compile the planner before anything is timed. */
function warmUp(): void {
  const { problem } = randomFleet(
    Array.from({ length: 200 }, () => GPUS_PER_NODE),
    'spread',
    100,
    () => 1,
  );
  for (let round = 0; round < 3; round += 1) consolidate(problem);
}

function prepare(size: number, byCount: boolean, placement: Placement, seed: number, seconds: number): Run {
  const gpus = byCount ? Array.from({ length: size }, () => GPUS_PER_NODE) : openbNodes(size, seed);
  const fleet = randomFleet(gpus, placement, seed, byCount ? () => 1 : (count) => count);
  const found = exact(fleet.problem, seconds);
  const longer = consolidate(fleet.problem, { steps: 1000 * size }).value;
  return { fleet, seed, exact: found, best: Math.max(found.value, longer, consolidate(fleet.problem).value) };
}

function table(title: string, runs: readonly Run[]): Table {
  const proved = runs.filter((run) => run.exact.proved).length;
  const bounds = runs.map((run) => (100 * consolidate(run.fleet.problem).bound) / run.best);
  return {
    title: `${title}: ${runs.length} seeds, ${proved} proved; the planner's own bound is ${mean(bounds).toFixed(1)} % of best`,
    header: ['rule', '% of best', 'worst %', 'short', '% of HiGHS', '% of bound', 'nodes freed', 'p50 ms'],
    plotted: 1,
    rows: rules().map(([name, rule]) => row(name, rule, runs)),
  };
}

function rules(): readonly (readonly [string, Rule])[] {
  return [...Object.entries(RULES), ['packdown', (fleet) => consolidate(fleet.problem).removed]];
}

function row(name: string, rule: Rule, runs: readonly Run[]): readonly string[] {
  const results = runs.map((run) => {
    const { result, milliseconds } = timed(() => rule(run.fleet, run.seed));
    return { run, milliseconds, ...outcome(run.fleet, result) };
  });
  const shares = (whole: (run: Run) => number) => results.map(({ run, value }) => (100 * value) / (whole(run) || 1));
  const ofBest = shares(({ best }) => best);
  return [
    name,
    mean(ofBest).toFixed(2),
    Math.min(...ofBest).toFixed(1),
    Math.max(...results.map(({ run, value }) => run.best - value)).toFixed(0),
    mean(shares((run) => run.exact.value)).toFixed(1),
    mean(shares((run) => run.exact.bound)).toFixed(1),
    mean(results.map(({ nodes }) => nodes)).toFixed(1),
    quantile(
      results.map(({ milliseconds }) => milliseconds),
      0.5,
    ).toFixed(1),
  ];
}
