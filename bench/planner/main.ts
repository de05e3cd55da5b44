/**
 * How much of the optimum the planner and other rules free when every workload removes 30 % of its groups at once, on
 * SYNTHETIC group shapes. `npm run bench:planner -- [nodes,…] [seeds]`, by default 200,1000,5000 and 8. Seeds count
 * from 1; 101 and up were used for tuning. A node that was empty before counts for nobody.
 *
 * best: the best plan known, HiGHS' or that of a search about ten times as long. worst and short: the worst seed, in %
 * and in nodes (or GPUs, where they are counted). bound: what HiGHS proved that nothing exceeds (60 s for 200 nodes, 12
 * for 1,000, 40 for 5,000). p50: CPU time of the planning thread.
 */
import { consolidate } from '../../src/domain/planner/joint.ts';
import { type Exact, exact } from './exact.ts';
import { openbNodes } from './openb.ts';
import { type Fleet, type Placement, randomFleet } from './random-fleet.ts';
import { outcome, RULES, type Rule } from './rules.ts';

const SIZES = (process.argv[2] ?? '200,1000,5000').split(',').map(Number);
const SEEDS = Number(process.argv[3] ?? 8);
const GPUS_PER_NODE = 8;

interface Run {
  readonly fleet: Fleet;
  readonly seed: number;
  readonly exact: Exact;
  readonly best: number;
}

interface Result {
  readonly run: Run;
  readonly value: number;
  readonly nodes: number;
  /** CPU time of the planning thread. */
  readonly milliseconds: number;
}

const HEADER = 'rule               % of best  worst  short  % of HiGHS  % of bound  nodes freed  p50 ms';

warmUp();
for (const size of SIZES) {
  for (const mix of ['8 GPUs, by count', 'openb, by GPUs'] as const) {
    for (const placement of ['spread', 'binpacked'] as const) {
      const runs = Array.from({ length: SEEDS }, (_, index) => prepare(size, mix, placement, index + 1));
      const known = runs.filter((run) => run !== null);
      if (known.length === 0) console.log(`\n${size} nodes, ${mix}: skipped, the openb data set is not at hand`);
      else print(`${size} nodes (${mix}), ${placement}`, known);
    }
  }
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

function prepare(size: number, mix: string, placement: Placement, seed: number): Run | null {
  const byCount = mix.startsWith('8');
  const gpus = byCount ? Array.from({ length: size }, () => GPUS_PER_NODE) : openbNodes(size, seed);
  if (gpus === null) return null;
  const fleet = randomFleet(gpus, placement, seed, byCount ? () => 1 : (count) => count);
  const found = exact(fleet.problem, size <= 200 ? 60 : size <= 1000 ? 12 : 40);
  const longer = consolidate(fleet.problem, { steps: 1000 * size }).value;
  return { fleet, seed, exact: found, best: Math.max(found.value, longer, consolidate(fleet.problem).value) };
}

function print(title: string, runs: readonly Run[]): void {
  const proved = runs.filter((run) => run.exact.proved).length;
  console.log(`\n${title}: ${runs.length} seeds, the optimum proved in ${proved} of them`);
  console.log(HEADER);
  for (const { name, results } of rows(runs)) {
    const of = (whole: (run: Run) => number) => results.map(({ run, value }) => (100 * value) / whole(run));
    const shares = of(({ best }) => best);
    const short = results.map(({ run, value }) => run.best - value);
    const cells = [
      mean(shares).toFixed(2).padStart(9),
      Math.min(...shares)
        .toFixed(1)
        .padStart(6),
      Math.max(...short)
        .toFixed(0)
        .padStart(6),
      mean(of((run) => run.exact.value))
        .toFixed(1)
        .padStart(12),
      mean(of((run) => run.exact.bound))
        .toFixed(1)
        .padStart(11),
      mean(results.map(({ nodes }) => nodes))
        .toFixed(1)
        .padStart(12),
      median(results.map(({ milliseconds }) => milliseconds))
        .toFixed(1)
        .padStart(7),
    ];
    console.log(`${name.padEnd(18)}${cells.join(' ')}`);
  }
  const bounds = runs.map((run) => (100 * consolidate(run.fleet.problem).bound) / run.best);
  console.log(`the planner's own bound, % of best: mean ${mean(bounds).toFixed(2)}`);
}

function rows(runs: readonly Run[]): { name: string; results: readonly Result[] }[] {
  const planner: Rule = (fleet) => consolidate(fleet.problem).removed;
  return Object.entries({ ...RULES, planner }).map(([name, rule]) => ({
    name,
    results: runs.map((run) => {
      const begin = process.threadCpuUsage();
      const removed = rule(run.fleet, run.seed);
      const { user, system } = process.threadCpuUsage(begin);
      return { run, ...outcome(run.fleet, removed), milliseconds: (user + system) / 1000 };
    }),
  }));
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0) / numbers.length;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
