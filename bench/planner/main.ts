/**
 * The planner beside the exact optimum and other projects' rules. `npm run bench:planner -- [--quick] [part …]`; parts:
 * joint-200, joint-1000, joint-5000, sequential, day; all of them if none is named. Each writes
 * bench/results/planner-<part>.md and its plots. Seeds 1 to 8 are reported, 1 to 24 at 200 nodes; 101 and up were used
 * for tuning. --quick: two seeds, little time for HiGHS, nothing written over.
 */

import type { Table } from '../report.ts';
import { DAY_INTRO, dayTables } from './day-bench.ts';
import { JOINT_INTRO, jointTables } from './joint-bench.ts';
import { writeReport } from './report.ts';
import { SEQUENTIAL_INTRO, sequentialTables } from './sequential-bench.ts';

const quick = process.argv.includes('--quick');
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const seedsUpTo = (last: number) => Array.from({ length: quick ? 2 : last }, (_, index) => index + 1);
const seeds = seedsUpTo(8);

const PARTS: Readonly<Record<string, { readonly intro: string; readonly tables: () => readonly Table[] }>> = {
  'joint-200': { intro: JOINT_INTRO, tables: () => jointTables(200, seedsUpTo(24), quick ? 2 : 20) },
  'joint-1000': { intro: JOINT_INTRO, tables: () => jointTables(1000, seeds, quick ? 2 : 12) },
  'joint-5000': { intro: JOINT_INTRO, tables: () => jointTables(5000, seeds, quick ? 2 : 12) },
  sequential: {
    intro: SEQUENTIAL_INTRO,
    tables: () => [...sequentialTables(200, seeds), ...sequentialTables(1000, seeds.slice(0, quick ? 1 : 3))],
  },
  day: { intro: DAY_INTRO, tables: () => dayTables(200, seeds) },
};

const unknown = wanted.filter((part) => PARTS[part] === undefined);
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}
for (const [part, { intro, tables }] of Object.entries(PARTS))
  if (wanted.length === 0 || wanted.includes(part)) writeReport(quick ? `quick-${part}` : part, intro, tables());
