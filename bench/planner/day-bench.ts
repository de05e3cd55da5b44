import { Random } from '../../src/domain/planner/random.ts';
import { nextStep } from '../../test/domain/planner/next-step.ts';
import type { Table } from '../report.ts';
import { mean } from '../statistics.ts';
import { type Demand, demands, HOURS_A_SLOT, SLOTS_A_DAY, type Swing } from './day-demand.ts';
import { DayFleet, type Growth } from './day-fleet.ts';
import { type Placement, randomFleet, shuffled } from './random-fleet.ts';
import { RULES, type Rule } from './rules.ts';

export const DAY_INTRO = `A day of growth and shrink: every half hour each workload grows or shrinks to what the request rate of one of ServeGen's models
(m-large, m-mid or m-small) asks for, up to an hour early or late and ± 2 %, on the third of three days; the planner knows the lows of the
first two, by quarter of the day. Before the day every workload has all of its groups, as at the peak of the three days. Two demands: as it is, where the
groups follow the share of the peak; and a 30 % swing, where they go from all at the peak to 70 % at the low of the three days, as
much as the other parts remove. New pods go, the same for every rule, either where packdown's scheduler places them (packed: the
fullest occupied node outside of the target set, then in it, then an empty one; the others have no target set) or where kube-scheduler places
them by default (least allocated: the emptiest node). Free node-hours: nodes without a pod, summed over the day, those that were empty before
included; perfect packing: the same pods moved at will, which nobody does. Where the swing is large and new pods are packed, nearly
everything that could be free is free whichever rule is used, and no rule can be much better than another: a rule that reaches
90 % of perfect packing can be beaten by 1.11 × at most. Synthetic group shapes, nodes of 8 GPUs.`;

const SLOTS_A_QUARTER = SLOTS_A_DAY / 4;

interface Scenario {
  readonly placement: Placement;
  readonly growth: Growth;
}

const SCENARIOS: readonly Scenario[] = [
  { placement: 'spread', growth: 'packed' },
  { placement: 'binpacked', growth: 'packed' },
  { placement: 'spread', growth: 'least allocated' },
];
const COMPARED = ['random', 'highest ordinal', 'ReplicaSet-like', 'Karpenter, summed'];

export function dayTables(size: number, seeds: readonly number[]): readonly Table[] {
  return (['30 % swing', 'as it is'] as const).flatMap((swing) =>
    SCENARIOS.map((scenario) => table(size, seeds, swing, scenario)),
  );
}

function table(size: number, seeds: readonly number[], swing: Swing, scenario: Scenario): Table {
  const rules = COMPARED.flatMap((name) => (RULES[name] === undefined ? [] : [{ name, rule: RULES[name] }]));
  const played = [...rules, { name: 'packdown, two past days', rule: null }].map(({ name, rule }) => {
    const days = seeds.map((seed) => day(size, swing, scenario, seed, rule));
    return { name, free: mean(days.map(({ free }) => free)), most: mean(days.map(({ most }) => most)) };
  });
  const own = played.at(-1)?.free ?? 0;
  return {
    title: `${size} nodes, at first ${scenario.placement}, demand ${swing}, growth ${scenario.growth}: ${seeds.length} seeds`,
    header: ['rule', 'free node-hours', '% of perfect packing', 'packdown frees'],
    plotted: 1,
    rows: played.map(({ name, free, most }) => [
      name,
      free.toFixed(0),
      ((100 * free) / most).toFixed(1),
      `${(own / free).toFixed(2)} ×`,
    ]),
  };
}

interface Hours {
  readonly free: number;
  /** If the same pods could be packed at will. */
  readonly most: number;
}

/** Plays the third day with a rule, or with the planner where it is null, and gives the free node-hours. */
function day(size: number, swing: Swing, { placement, growth }: Scenario, seed: number, rule: Rule | null): Hours {
  const start = randomFleet(
    Array.from({ length: size }, () => 8),
    placement,
    seed,
    () => 1,
  );
  const fleet = new DayFleet(start, size, growth);
  const demand = demands(fleet.sizes(), swing, seed);
  const past = demand.slice(0, 2 * SLOTS_A_DAY);
  const lowOf = (pool: number, slot: number) => Math.min(...alike(past, slot).map((counts) => counts[pool] ?? 0));
  const random = new Random(seed + 2000);
  let target: readonly number[] = [];
  let free = 0;
  let most = 0;
  for (const [slot, counts] of demand.slice(2 * SLOTS_A_DAY).entries()) {
    for (const pool of shuffled(counts.length, random)) {
      const surplus = (fleet.sizes()[pool] ?? 0) - (counts[pool] ?? 0);
      if (surplus <= 0) continue;
      const now = fleet.asking(pool, surplus);
      if (rule !== null) fleet.remove(rule(now, seed));
      else {
        const outlook = fleet.sizes().map((count, other) => Math.max(0, count - lowOf(other, slot)));
        const step = nextStep({ ...now.problem, outlook }, target);
        target = step.target;
        fleet.remove(step.removed);
      }
    }
    for (const pool of shuffled(counts.length, random)) fleet.grow(pool, counts[pool] ?? 0, new Set(target));
    free += fleet.free() * HOURS_A_SLOT;
    most += fleet.mostFree() * HOURS_A_SLOT;
  }
  return { free, most };
}

/** What was in the same quarter of a day. */
function alike(past: Demand, slot: number): Demand {
  const quarterOf = (some: number) => Math.floor((some % SLOTS_A_DAY) / SLOTS_A_QUARTER);
  return past.filter((_, other) => quarterOf(other) === quarterOf(slot));
}
