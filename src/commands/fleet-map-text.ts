import { styleText } from 'node:util';
import type { Cell, FleetMap, NodeRow } from '../workloads/fleet-map.ts';
import { printable } from './printable.ts';

/** Rows in a terminal; more would scroll away what was said above them. */
const MOST_ROWS = 40;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * The nodes that a plan changes, before and after, a letter a GPU and upper case for what goes; coloured for a terminal
 * that shows colours.
 */
export function drawText({ workloads, rows }: FleetMap, colour: boolean): readonly string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, MOST_ROWS).map((row) => ({ ...row, node: printable(row.node) }));
  const name = Math.max(...shown.map(({ node }) => node.length));
  const width = Math.max('before'.length, ...shown.map(({ cells }) => 2 * cells.length - 1));
  const paint = (style: 'red' | 'green' | 'dim', text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const letter = (cell: Cell | null) => {
    if (cell === null) return '.';
    const own = letterOf(cell.workload);
    return cell.goes ? paint('red', own.toUpperCase()) : own;
  };
  const line = ({ node, cells, freed }: NodeRow) => {
    const pad = ' '.repeat(Math.max(0, width - (2 * cells.length - 1)));
    const after = cells.map((cell) => letter(cell?.goes === true ? null : cell)).join(' ');
    return `  ${node.padEnd(name)}  ${cells.map(letter).join(' ')}${pad}   ${after}${freed ? `${pad}   ${paint('green', 'free')}` : ''}`;
  };
  const legend = workloads.map((workload, index) => `${letterOf(index)} ${printable(workload)}`).join(', ');
  const rest = rows.length - shown.length;
  return [
    `Nodes, a letter a GPU, upper case what goes (${legend}):`,
    `  ${' '.repeat(name)}  ${'before'.padEnd(width)}   after`,
    ...shown.map(line),
    ...(rest === 0 ? [] : [`  … and ${rest} more ${rest === 1 ? 'node' : 'nodes'}`]),
  ];
}

/** After z comes a again: the picture is for people, and no screen has so many colours either. */
function letterOf(workload: number): string {
  return LETTERS[workload % LETTERS.length] ?? '?';
}
