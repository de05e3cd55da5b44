/**
 * Every figure that packdown is judged by, beside what else there is. `npm run bench -- [--quick] [part …]`. Without
 * arguments all parts run, in under 20 minutes, and bench/RESULTS.md and its plots are written anew. --quick takes under
 * two minutes. With either nothing is written: the ratios are printed, each on a line of its own.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packing } from './packing/packing-part.ts';
import type { Effort, Part } from './part.ts';
import { machine, markdown, sections } from './report.ts';
import { scheduler } from './scheduler/scheduler-part.ts';
import { speed } from './speed.ts';

const PARTS: readonly Part[] = [speed, packing, scheduler];

const { values, positionals: wanted } = parseArgs({ options: { quick: { type: 'boolean' } }, allowPositionals: true });
const quick = values.quick === true;
const effort: Effort = { quick };
const unknown = wanted.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; there are ${PARTS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const isWritten = !quick && wanted.length === 0;
const chapters: string[] = [];
for (const part of PARTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const { lines, tables } = await part.measure(effort);
  for (const line of lines) console.log(line);
  if (!quick) for (const table of tables) console.log(`\n${table.title}\n${markdown(table)}`);
  if (!isWritten) continue;
  const ratios = lines.map((line) => `- ${line}`).join('\n');
  chapters.push(`## ${part.title}\n\n${part.intro}\n\n${ratios}\n\n${sections(part.name, tables, '###', 'results/')}`);
}
if (isWritten) {
  const intro = `Written by \`npm run bench\` on ${machine()}. How often each part was measured stands in its text.`;
  writeFileSync(join(import.meta.dirname, 'RESULTS.md'), `# Results\n\n${intro}\n\n${chapters.join('\n\n')}\n`);
}
