import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machine, markdown, RESULTS, sections, type Table } from '../report.ts';

/** Writes the tables of one part as Markdown and each as a bar chart, with where and when they were measured. */
export function writeReport(part: string, intro: string, tables: readonly Table[]): void {
  const name = `planner-${part}`;
  const measured = `Measured by \`npm run bench:planner -- ${part}\` on ${machine()}.`;
  const text = `# Planner: ${part}\n\n${intro}\n\n${measured}\n\n${sections(name, tables, '##', '')}\n`;
  writeFileSync(join(RESULTS, `${name}.md`), text);
  for (const table of tables) console.log(`\n${table.title}\n${markdown(table)}`);
}
