import { type Cell, type FleetMap, legendOf, type NodeRow } from '../workloads/fleet-map.ts';
import { printable } from './printable.ts';

/** Pixels. */
const CELL = 14;
const ROW = 20;
const MARGIN = 16;
const CHARACTER = 7.5;

/** Told apart by people who confuse red and green too (Okabe and Ito, 2008). */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442'];
const FREE = '#e8e8e8';
const FREED = '#d7f5df';

/**
 * The nodes that a plan changes, before and after, as a picture of its own: what goes is hatched, what becomes free is
 * green.
 */
export function drawSvg(map: FleetMap): string {
  const { rows } = map;
  const workloads = legendOf(map, COLOURS.length);
  const labels = Math.max(6, ...rows.map(({ node }) => node.length)) * CHARACTER;
  const most = Math.max(1, ...rows.map(placesOf));
  const half = most * CELL + 2 * MARGIN;
  const [before, after] = [MARGIN + labels, MARGIN + labels + half];
  const top = MARGIN + ROW;
  const legend = top + rows.length * ROW + ROW;
  const width = Math.max(after + half, ...workloads.map((name) => 3 * MARGIN + name.length * CHARACTER));
  const height = legend + workloads.length * ROW + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    '<defs><pattern id="goes" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="4" fill="#fff"/></pattern></defs>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(before, MARGIN + 10, 'before'),
    text(after, MARGIN + 10, 'after'),
    ...rows.flatMap((row, index) => drawRow(row, top + index * ROW, { label: MARGIN, before, after })),
    ...workloads.flatMap((name, index) => [
      square(MARGIN, legend + index * ROW, colourOf(index)),
      text(MARGIN + 2 * CELL, legend + index * ROW + 11, name),
    ]),
    '</svg>',
    '',
  ].join('\n');
}

interface Columns {
  readonly label: number;
  readonly before: number;
  readonly after: number;
}

/** What holds no GPU stands one place apart. */
function placesOf({ cells, beside }: NodeRow): number {
  return beside.length === 0 ? cells.length : cells.length + 1 + beside.length;
}

function drawRow({ node, cells, beside, freed }: NodeRow, y: number, columns: Columns): readonly string[] {
  const { label, before, after } = columns;
  const apart = (cells.length + 1) * CELL;
  return [
    text(label, y + 11, node),
    ...cells.flatMap((cell, index) => drawCell(cell, before + index * CELL, y)),
    ...beside.flatMap((cell, index) => drawCell(cell, before + apart + index * CELL, y)),
    ...beside.filter(({ goes }) => !goes).flatMap((cell, index) => drawCell(cell, after + apart + index * CELL, y)),
    ...cells.map((cell, index) => {
      const isFree = cell === null || cell.goes;
      return square(after + index * CELL, y, isFree ? (freed ? FREED : FREE) : colourOf(cell.workload));
    }),
  ];
}

function drawCell(cell: Cell | null, x: number, y: number): readonly string[] {
  if (cell === null) return [square(x, y, FREE)];
  const own = square(x, y, colourOf(cell.workload));
  return cell.goes ? [own, square(x, y, 'url(#goes)')] : [own];
}

function square(x: number, y: number, fill: string): string {
  return `<rect x="${x}" y="${y}" width="${CELL - 2}" height="${CELL - 2}" fill="${fill}"/>`;
}

function text(x: number, y: number, content: string): string {
  return `<text x="${x}" y="${y}">${escapeXml(printable(content))}</text>`;
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function colourOf(workload: number): string {
  return COLOURS[Math.min(workload, COLOURS.length - 1)] ?? FREE;
}
