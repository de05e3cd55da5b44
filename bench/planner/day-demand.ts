import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/domain/planner/random.ts';

/** Replicas of each workload for each half hour of three days. */
export type Demand = readonly (readonly number[])[];

export type Swing = 'as it is' | '30 % swing';

export const SLOTS_A_DAY = 48;
export const HOURS_A_SLOT = 0.5;

/** Requests to three models, see data/README.md. */
const FILE = join(import.meta.dirname, 'data', 'servegen-3d.csv');
const WINDOWS_A_SLOT = 3;
const NOISE = 0.02;
const SHRINK = 0.3;

interface Curve {
  readonly rates: readonly number[];
  readonly low: number;
  readonly peak: number;
}

/**
 * Every workload has all of its replicas at the peak of the model that it follows, up to an hour early or late, ± 2 %.
 */
export function demands(sizes: readonly number[], swing: Swing, seed: number): Demand {
  const curves = readCurves();
  const random = new Random(seed + 3000);
  const followed = sizes.map(() => ({ shift: random.below(13) - 6, curve: curves[random.below(curves.length)] }));
  return Array.from({ length: 3 * SLOTS_A_DAY }, (_, slot) =>
    sizes.map((size, pool) => {
      const { shift = 0, curve = { rates: [], low: 0, peak: 1 } } = followed[pool] ?? {};
      const window = Math.max(0, Math.min(curve.rates.length - 1, slot * WINDOWS_A_SLOT + shift));
      const load = loadOf(curve, curve.rates[window] ?? 0, swing) * (1 + NOISE * (2 * random.next() - 1));
      return Math.max(1, Math.min(size, Math.round(size * load)));
    }),
  );
}

/**
 * The share of its replicas that a workload needs: of the peak, or from 70 % at the low of the three days to all at the
 * peak.
 */
function loadOf({ low, peak }: Curve, rate: number, swing: Swing): number {
  return swing === 'as it is' ? rate / peak : 1 - SHRINK * (1 - (rate - low) / (peak - low));
}

function readCurves(): readonly Curve[] {
  const [header = '', ...lines] = readFileSync(FILE, 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  return header
    .split(',')
    .slice(1)
    .map((_, model) => {
      const rates = rows.map((row) => row[model + 1] ?? 0);
      return { rates, low: Math.min(...rates), peak: Math.max(...rates) };
    });
}
