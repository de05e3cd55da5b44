import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, 'data/servegen-day.csv');
const WINDOW_MINUTES = 10;

/** The models of the trace, in the order of its columns. */
export const MODELS = ['m-large', 'm-mid', 'm-small'] as const;
export type Model = (typeof MODELS)[number];

/** The load of a model at a minute of the day, 0 to 1, its peak. */
export type Curve = (minute: number) => number;

/** Between the windows of the trace it goes in a straight line; the day before and after is the day itself. */
export function readCurves(): Readonly<Record<Model, Curve>> {
  const [, ...lines] = readFileSync(FILE, 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  const curveOf = (model: Model): Curve => {
    const rates = rows.map((row) => row[1 + MODELS.indexOf(model)] ?? 0);
    const peak = Math.max(...rates);
    const at = (window: number) => (rates[((window % rates.length) + rates.length) % rates.length] ?? 0) / peak;
    return (minute) => {
      const window = Math.floor(minute / WINDOW_MINUTES);
      const share = minute / WINDOW_MINUTES - window;
      return at(window) * (1 - share) + at(window + 1) * share;
    };
  };
  return { 'm-large': curveOf('m-large'), 'm-mid': curveOf('m-mid'), 'm-small': curveOf('m-small') };
}
