import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Start, Variant } from '../../test/e2e/day/cluster.ts';
import type { DayVerdict } from '../../test/e2e/day/verdict.ts';
import { machine } from '../report.ts';
import { NODES, WORKLOADS } from './fleet.ts';
import type { PlayedDay } from './play.ts';
import { dayPlot, type Line } from './plot.ts';
import { caveats, INTRO } from './prose.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const FOLDER = join(DOCS, 'day');

const TITLES: Readonly<Record<Variant, string>> = {
  plain: 'without packdown',
  packing: 'packing scheduler alone',
  packdown: 'with packdown',
};
const COLOURS: Readonly<Record<Variant, string>> = { plain: '#b5651d', packing: '#777777', packdown: '#1f6fb5' };

/** What is played; without anything that packs, a day that begins packed is one that begins spread. */
export const VARIANTS: Readonly<Record<Start, readonly Variant[]>> = {
  spread: ['plain', 'packing', 'packdown'],
  packed: ['packing', 'packdown'],
};

/** A day with where and when it was played. */
interface MeasuredDay extends PlayedDay {
  readonly measured: string;
}

const fileOf = (start: Start, variant: Variant, seed: number) => join(FOLDER, `${start}-${variant}-${seed}.json`);

/** Keeps a day in docs/day, in place of one that was played before. */
export function keepDay(start: Start, day: PlayedDay): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(fileOf(start, day.variant, day.seed), `${JSON.stringify({ ...day, measured: machine() })}\n`);
}

/** Writes docs/day.md and its plots from the days that are kept in docs/day. */
export function writeReport(): void {
  const [spread, packed] = [daysOf('spread'), daysOf('packed')];
  const days = [...spread, ...packed];
  const seconds = [...new Set(days.map((day) => day.seconds))];
  const fleet = WORKLOADS.map(
    ({ kind, name, pods, gpus, least, most }) => `| ${kind} \`${name}\` | ${least}–${most} | ${pods} | ${gpus} |`,
  );
  const text = `# A day of real autoscalers

${INTRO}

${sectionOf('spread', spread)}

${sectionOf('packed', packed)}

## How it was played

A day took ${seconds.join(' or ')} seconds. Played by \`npm run bench:day\`, the other with \`-- --packed\`, and anew for every seed with \`-- --seed N\`, on ${[...new Set(days.map(({ measured }) => measured))].join('; ')}.

${seconds.map(caveats).join('\n\n')}

| workload | replicas | pods of a replica | GPUs of a pod |
| --- | ---: | ---: | ---: |
${fleet.join('\n')}
`;
  writeFileSync(join(DOCS, 'day.md'), text);
}

/** By variant, the lowest seed first. */
function daysOf(start: Start): readonly MeasuredDay[] {
  const files = readdirSync(FOLDER).filter((file) => file.startsWith(`${start}-`) && file.endsWith('.json'));
  const days = files.map((file) => {
    const day: MeasuredDay = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
    return day;
  });
  return VARIANTS[start].flatMap((variant) =>
    days.filter((day) => day.variant === variant).sort((a, b) => a.seed - b.seed),
  );
}

function sectionOf(start: Start, days: readonly MeasuredDay[]): string {
  if (days.length === 0) return '';
  const seed = Math.min(...days.map((day) => day.seed));
  const plotted = days.filter((day) => day.seed === seed);
  const lines = plotted.map(
    ({ variant, figures }): Line => ({ name: TITLES[variant], colour: COLOURS[variant], values: figures.free }),
  );
  const perfect = plotted.at(-1)?.figures.perfect ?? [];
  const packing = { name: 'perfect packing', colour: '#2e8b57', values: perfect, dashed: true };
  const plot = `free-nodes-${start}.svg`;
  const heading = `A day that begins ${start}`;
  writeFileSync(
    join(FOLDER, plot),
    dayPlot(`Free nodes of ${NODES}: ${heading.toLowerCase()}, seed ${seed}`, [...lines, packing], NODES),
  );
  const byVariant = [...Map.groupBy(days, ({ variant }) => variant)];
  const rows = byVariant.map(([variant, played]) => `| ${TITLES[variant]} | ${cells(played).join(' | ')} |`);
  return `## ${heading}

![${heading}](day/${plot})

| | days | free node-hours | short of perfect packing | free for over 10 minutes | GPU-hours held | rescales by HPAs | pods created | pods deleted |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.join('\n')}

${verdictOf(days)}`;
}

function cells(days: readonly MeasuredDay[]): readonly string[] {
  const cell = (of: (day: MeasuredDay) => number) => {
    const values = days.map(of);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return values.length === 1 ? mean.toFixed(0) : `${mean.toFixed(0)} (${least.toFixed(0)}–${most.toFixed(0)})`;
  };
  return [
    String(days.length),
    cell(({ figures }) => figures.freeNodeHours),
    cell(({ figures }) => figures.perfectNodeHours - figures.freeNodeHours),
    cell(({ figures }) => figures.removableNodeHours),
    cell(({ figures }) => figures.gpuHours),
    cell(({ rescales }) => rescales),
    cell(({ podsCreated }) => podsCreated),
    cell(({ podsDeleted }) => podsDeleted),
  ];
}

/** What packdown said against what went, over all days with it. */
function verdictOf(days: readonly MeasuredDay[]): string {
  const verdicts = days.flatMap(({ verdict }) => verdict ?? []);
  if (verdicts.length === 0) return '';
  const sum = (of: (verdict: DayVerdict) => number) => verdicts.reduce((total, verdict) => total + of(verdict), 0);
  const outcomes = new Map<string, number>();
  for (const [outcome, count] of days.flatMap(({ predictions }) => Object.entries(predictions ?? {}))) {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
  }
  const told = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  return `With packdown ${sum(({ scaleDowns }) => scaleDowns)} scale-downs were admitted, of ${sum(({ planned }) => planned)} pods, and ${sum(({ gone }) => gone)} pods went; ${sum(({ unplanned }) => unplanned.length)} of these were not planned, and ${sum(({ spared }) => spared.length)} planned ones stayed. \`packdown_predictions_total\`: ${told}.`;
}
