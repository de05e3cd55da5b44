import { stripVTControlCharacters, styleText } from 'node:util';
import { counted } from '../domain/ordering/wording.ts';
import { type Cell, type FleetMap, legendOf, type NodeRow } from '../workloads/fleet-map.ts';
import { printable } from './printable.ts';

/** Rows in a terminal; more would scroll away what was said above them. */
const MOST_ROWS = 40;
/** GPUs of a node, or pods, that are drawn with a space between. */
const MOST_SPACED = 16;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * The nodes that a plan changes, before and after, a letter a GPU and upper case for what goes; coloured for a terminal
 * that shows colours.
 */
export function drawText(map: FleetMap, colour: boolean): readonly string[] {
  const { rows } = map;
  if (rows.length === 0) return [];
  const shown = rowsShown(rows);
  const space = shown.some(({ cells, beside }) => cells.length + beside.length > MOST_SPACED) ? '' : ' ';
  const paint = (style: 'red' | 'green', text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const letter = (cell: Cell | null) => {
    if (cell === null) return '.';
    const own = letterOf(cell.workload);
    return cell.goes ? paint('red', own.toUpperCase()) : own;
  };
  const draw = (cells: readonly (Cell | null)[], beside: readonly Cell[]) =>
    [cells, beside].flatMap((part) => (part.length === 0 ? [] : [part.map(letter).join(space)])).join(' | ');
  const before = ({ cells, beside }: NodeRow) => draw(cells, beside);
  const after = ({ cells, beside }: NodeRow) =>
    draw(
      cells.map((cell) => (cell?.goes === true ? null : cell)),
      beside.filter(({ goes }) => !goes),
    );
  const name = widthOf(shown.map(({ node }) => printable(node)));
  const [left, right] = [widthOf(['before', ...shown.map(before)]), widthOf(shown.map(after))];
  const line = (row: NodeRow) => {
    const drawn = `  ${pad(printable(row.node), name)}  ${pad(before(row), left)}   ${after(row)}`;
    return row.freed ? `${drawn}${pad('', right - lengthOf(after(row)))}   ${paint('green', 'free')}` : drawn;
  };
  const legend = legendOf(map, LETTERS.length).map((workload, index) => `${letterOf(index)} ${printable(workload)}`);
  const rest = rows.length - shown.length;
  return [
    `Nodes, ${letterIs(shown)}, upper case what goes (${legend.join(', ')}):`,
    `  ${pad('', name)}  ${pad('before', left)}   after`,
    ...shown.map(line),
    ...(rest === 0 ? [] : [`  … and ${counted(rest, 'more node')}`]),
  ];
}

/** In their order; where they are too many, those that become free before the others. */
function rowsShown(rows: readonly NodeRow[]): readonly NodeRow[] {
  const [freed, others] = [rows.filter((row) => row.freed), rows.filter((row) => !row.freed)];
  const shown = new Set([...freed, ...others].slice(0, MOST_ROWS));
  return rows.filter((row) => shown.has(row));
}

function letterIs(rows: readonly NodeRow[]): string {
  const cells = rows.every(({ hasGpus }) => hasGpus)
    ? 'a letter a GPU'
    : rows.some(({ hasGpus }) => hasGpus)
      ? 'a letter a GPU, or a pod where there is none'
      : 'a letter a pod';
  return rows.some(({ beside }) => beside.length > 0) ? `${cells}, after | a pod without GPUs` : cells;
}

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

function widthOf(texts: readonly string[]): number {
  return Math.max(...texts.map(lengthOf));
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)));
}

function letterOf(workload: number): string {
  return LETTERS[Math.min(workload, LETTERS.length - 1)] ?? '?';
}
