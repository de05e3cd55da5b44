import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/domain/planner/random.ts';
import { consolidateNext } from '../../src/domain/planner/sequential.ts';
import { DayFleet } from './day-fleet.ts';
import { type Placement, randomFleet } from './random-fleet.ts';
import type { Table } from './report.ts';
import { RULES, type Rule } from './rules.ts';
import { mean } from './statistics.ts';

export const DAY_INTRO = `A day of growth and shrink: every workload follows the request rate of ServeGen's m-large on the third day, up to an hour early or
late and ± 2 %, from all of its groups at the peak to 70 % of them at the low, and changes them every half hour; the planner knows the lows of the first two days. New groups go to the
fullest occupied node outside of the target set, then to a node in it, then to an empty one: the same for every rule (the others
have no target set). Free node-hours: nodes without a pod, summed over the day; perfect
packing: the same pods moved at will, which nobody does. Synthetic group shapes, nodes of 8 GPUs. The swing (30 %) and the noise
(± 2 %) were set after a first look at ServeGen's demand as it is, where packdown's free node-hours were 1.03 and 1.01 × those of
Karpenter's rule.`;

const DAY = 144;
const STEP = 3;
const NOISE = 0.02;
const SHRINK = 0.3;
const FILE = join(import.meta.dirname, 'data', 'servegen-3d.csv');

/** Replicas of each workload for each half hour of three days. */
type Demand = readonly (readonly number[])[];

export function dayTables(size: number, seeds: readonly number[]): readonly Table[] {
  return (['spread', 'binpacked'] as const).map((placement) => {
    const compared = ['random', 'highest ordinal', 'ReplicaSet-like', 'Karpenter, summed'];
    const rules = compared.flatMap((name) => (RULES[name] === undefined ? [] : [{ name, rule: RULES[name] }]));
    const played = [...rules, { name: 'packdown, two past days', rule: null }].map(({ name, rule }) => {
      const days = seeds.map((seed) => day(size, placement, seed, rule));
      return { name, free: mean(days.map(({ free }) => free)), most: mean(days.map(({ most }) => most)) };
    });
    const own = played.at(-1)?.free ?? 0;
    return {
      title: `${size} nodes, at first ${placement}, a day: ${seeds.length} seeds`,
      header: ['rule', 'free node-hours', '% of perfect packing', 'packdown frees'],
      plotted: 1,
      rows: played.map(({ name, free, most }) => [
        name,
        free.toFixed(0),
        ((100 * free) / most).toFixed(1),
        `${(own / free).toFixed(2)} ×`,
      ]),
    };
  });
}

interface Hours {
  readonly free: number;
  /** If the same pods could be packed at will. */
  readonly most: number;
}

/** Plays the third day with a rule, or with the planner where it is null, and gives the free node-hours. */
function day(size: number, placement: Placement, seed: number, rule: Rule | null): Hours {
  const start = randomFleet(
    Array.from({ length: size }, () => 8),
    placement,
    seed,
    () => 1,
  );
  const fleet = new DayFleet(start, size);
  const demand = demands(fleet.sizes(), seed);
  const perDay = DAY / STEP;
  const lows = fleet
    .sizes()
    .map((_, pool) => Math.min(...demand.slice(0, 2 * perDay).map((counts) => counts[pool] ?? 0)));
  const random = new Random(seed + 2000);
  let target: readonly number[] = [];
  let free = 0;
  let most = 0;
  for (const counts of demand.slice(2 * perDay)) {
    for (const pool of shuffled(counts.length, random)) {
      const surplus = (fleet.sizes()[pool] ?? 0) - (counts[pool] ?? 0);
      if (surplus <= 0) continue;
      const now = fleet.asking(pool, surplus);
      if (rule !== null) fleet.remove(rule(now, seed));
      else {
        const outlook = fleet.sizes().map((count, other) => Math.max(0, count - (lows[other] ?? 0)));
        const step = consolidateNext({ ...now.problem, outlook }, target);
        target = step.target;
        fleet.remove(step.removed);
      }
    }
    for (const pool of shuffled(counts.length, random)) fleet.grow(pool, counts[pool] ?? 0, new Set(target));
    free += (fleet.free() * STEP) / 6;
    most += (fleet.mostFree() * STEP) / 6;
  }
  return { free, most };
}

/** The fleet is full at the peak of the curve and has 30 % fewer groups at its low. */
function demands(sizes: readonly number[], seed: number): Demand {
  const [, ...lines] = readFileSync(FILE, 'utf8').trim().split('\n');
  const rates = lines.map((line) => Number(line.split(',')[1]));
  const [low, peak] = [Math.min(...rates), Math.max(...rates)];
  const random = new Random(seed + 3000);
  const shifts = sizes.map(() => random.below(13) - 6);
  return Array.from({ length: rates.length / STEP }, (_, slot) =>
    sizes.map((size, pool) => {
      const at = Math.min(rates.length - 1, Math.max(0, slot * STEP + (shifts[pool] ?? 0)));
      const load = 1 - SHRINK * (1 - ((rates[at] ?? 0) - low) / (peak - low));
      return Math.min(size, Math.round(size * load * (1 + NOISE * (2 * random.next() - 1))));
    }),
  );
}

function shuffled(count: number, random: Random): readonly number[] {
  const keyed = Array.from({ length: count }, (_, pool) => ({ pool, key: random.next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ pool }) => pool);
}
