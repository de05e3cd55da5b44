import { consolidate } from '../../src/domain/planner/joint.ts';
import { Random } from '../../src/domain/planner/random.ts';
import { nextStep } from '../../test/domain/planner/next-step.ts';
import type { Table } from '../report.ts';
import { mean, quantile, timed } from '../statistics.ts';
import { type Fleet, type Placement, randomFleet, shuffled } from './random-fleet.ts';
import { outcome, RULES } from './rules.ts';

export const SEQUENTIAL_INTRO = `The same fleets, but one workload after another removes its 30 %, in random order, and nobody knows the
order. % of hindsight: of what a joint plan of all of them frees. floors too low: the planner believes that every workload will
shrink twice as much as it does, or half as much again (the planner looks at half of what it expects, so that being wrong by
just twice suits it); too high: half as much; two past days: the lowest count of two days on which each workload
shrank as far as today ± 10 %; none: the planner's guess of 20 %. Synthetic group shapes, nodes of 8 GPUs, by count.`;

/** What a strategy remembers from event to event, and who goes next of a live fleet. */
type Strategy = (fleet: Fleet, state: State) => readonly number[];

interface State {
  readonly seed: number;
  readonly random: Random;
  /** Replicas of each workload at first, and how many of them go in the end. */
  readonly sizes: readonly number[];
  readonly shrinks: readonly number[];
  readonly lost: number[];
  believed: readonly number[] | null;
  target: readonly number[];
}

/** A strategy that believes in an outlook, drawn once at the first event. */
function packdown(believe: (state: State, pool: number) => number): Strategy {
  return (fleet, state) => {
    state.believed ??= state.shrinks.map((_, pool) => believe(state, pool));
    const outlook = state.believed.map((count, pool) => Math.max(0, count - (state.lost[pool] ?? 0)));
    const { removed, target } = nextStep({ ...fleet.problem, outlook }, state.target);
    state.target = target;
    return removed;
  };
}

const real = ({ shrinks }: State, pool: number) => shrinks[pool] ?? 0;
const seen = ({ sizes, random }: State, pool: number) => {
  const day = () => Math.round((sizes[pool] ?? 0) * 0.3 * (0.9 + 0.2 * random.next()));
  return Math.max(day(), day());
};

const STRATEGIES: readonly (readonly [string, Strategy])[] = [
  ...Object.entries(RULES).map(([name, rule]): [string, Strategy] => [name, (fleet, { seed }) => rule(fleet, seed)]),
  ['packdown, true floors', packdown(real)],
  ['packdown, floors 2 × too low', packdown((state, pool) => 2 * real(state, pool))],
  ['packdown, floors 1.5 × too low', packdown((state, pool) => Math.round(1.5 * real(state, pool)))],
  ['packdown, floors 2 × too high', packdown((state, pool) => Math.round(real(state, pool) / 2))],
  ['packdown, two past days', packdown(seen)],
  ['packdown, no floors', packdown(({ sizes }, pool) => Math.floor((sizes[pool] ?? 0) * 0.2))],
];

/** One table for each placement. */
export function sequentialTables(size: number, seeds: readonly number[]): readonly Table[] {
  return (['spread', 'binpacked'] as const).map((placement) => {
    const fleets = seeds.map((seed) => {
      const fleet = fleetOf(size, placement, seed);
      return { seed, fleet, hindsight: consolidate(fleet.problem, { steps: 1000 * size }).value };
    });
    const chosen = size <= 200 ? STRATEGIES : STRATEGIES.filter(([name]) => name !== 'naive greedy');
    return {
      title: `${size} nodes, ${placement}, one workload after another: ${seeds.length} seeds`,
      header: ['rule', '% of hindsight', 'worst %', 'p50 ms an event', 'p99 ms'],
      plotted: 1,
      rows: chosen.map(([name, strategy]) => {
        const runs = fleets.map(({ seed, fleet, hindsight }) => {
          const { freed, times } = play(fleet, strategy, seed);
          return { share: (100 * freed) / hindsight, times };
        });
        const shares = runs.map(({ share }) => share);
        const times = runs.flatMap((run) => run.times);
        return [
          name,
          mean(shares).toFixed(1),
          Math.min(...shares).toFixed(1),
          quantile(times, 0.5).toFixed(1),
          quantile(times, 0.99).toFixed(1),
        ];
      }),
    };
  });
}

function fleetOf(size: number, placement: Placement, seed: number): Fleet {
  return randomFleet(
    Array.from({ length: size }, () => 8),
    placement,
    seed,
    () => 1,
  );
}

/** Removes every workload's share, workload by workload, and gives what is free at the end. */
function play(fleet: Fleet, strategy: Strategy, seed: number): { freed: number; times: readonly number[] } {
  const { members, budgets } = fleet.problem;
  const random = new Random(seed + 1000);
  const sizes = budgets.map((_, pool) => members.filter((member) => member.pool === pool).length);
  const state: State = {
    seed,
    random,
    sizes,
    shrinks: budgets,
    lost: budgets.map(() => 0),
    believed: null,
    target: [],
  };
  const order = shuffled(budgets.length, random);
  const gone = new Set<number>();
  const times: number[] = [];
  for (const pool of order.filter((asked) => (budgets[asked] ?? 0) > 0)) {
    const live = [...members.keys()].filter((member) => !gone.has(member));
    const now = liveFleet(
      fleet,
      live,
      budgets.map((budget, other) => (other === pool ? budget : 0)),
    );
    const { result, milliseconds } = timed(() => strategy(now, state));
    times.push(milliseconds);
    for (const member of result) gone.add(live[member] ?? -1);
    state.lost[pool] = budgets[pool] ?? 0;
  }
  return { freed: outcome(fleet, [...gone]).value, times };
}

function liveFleet({ problem, podNodes, podGpus }: Fleet, live: readonly number[], budgets: readonly number[]): Fleet {
  const pick = <T>(items: readonly T[]) => live.flatMap((member) => items.slice(member, member + 1));
  return {
    problem: { ...problem, members: pick(problem.members), budgets },
    podNodes: pick(podNodes),
    podGpus: pick(podGpus),
  };
}
