import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** Where plots go. */
export const RESULTS = join(import.meta.dirname, 'results');

export interface Table {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Which column the plot shows; a number per row, of which what follows it is no part. */
  readonly plotted: number;
}

/** Where and when something is measured. */
export function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model.trim()}, Node.js ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
}

/**
 * The tables as Markdown, each with a bar chart, which is written to `RESULTS` as `<name>-<number>.svg`. `folder` is how the
 * text is to name that folder: `results/`, or nothing.
 */
export function sections(name: string, tables: readonly Table[], heading: '##' | '###', folder: string): string {
  mkdirSync(RESULTS, { recursive: true });
  const all = tables.map((table, index) => {
    const plot = `${name}-${index + 1}.svg`;
    writeFileSync(join(RESULTS, plot), barChart(table));
    return `${heading} ${table.title}\n\n${markdown(table)}\n\n![${table.title}](${folder}${plot})`;
  });
  return all.join('\n\n');
}

export function markdown({ header, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

const ROW = 22;
const NAMES = 190;
const BARS = 360;

/** Horizontal bars, the longest filling the width. */
function barChart({ title, header, rows, plotted }: Table): string {
  const values = rows.map((row) => Number.parseFloat(row[plotted] ?? '') || 0);
  const longest = Math.max(...values, 1e-9);
  const bars = rows.map((row, index) => {
    const y = 40 + index * ROW;
    const width = ((BARS * (values[index] ?? 0)) / longest).toFixed(1);
    return [
      `<text x="${NAMES - 8}" y="${y + 12}" text-anchor="end">${xml(row[0] ?? '')}</text>`,
      `<rect x="${NAMES}" y="${y}" width="${width}" height="${ROW - 6}" fill="#3970a8"/>`,
      `<text x="${NAMES + Number(width) + 6}" y="${y + 12}">${xml(row[plotted] ?? '')}</text>`,
    ].join('\n');
  });
  const height = 50 + rows.length * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="640" height="${height}" fill="white"/>`,
    `<text x="8" y="20" font-weight="bold">${xml(title)} (${xml(header[plotted] ?? '')})</text>`,
    ...bars,
    '</svg>\n',
  ].join('\n');
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
