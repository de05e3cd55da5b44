import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Variant } from '../../test/e2e/day/cluster.ts';
import { NODES, WORKLOADS } from './fleet.ts';
import type { PlayedDay } from './play.ts';
import { dayPlot, type Line } from './plot.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const FOLDER = join(DOCS, 'day');
const PLOT = 'free-nodes.svg';

const TITLES: Readonly<Record<Variant, string>> = {
  plain: 'without packdown',
  packing: 'packing scheduler alone',
  packdown: 'with packdown',
};
const COLOURS: Readonly<Record<Variant, string>> = { plain: '#b5651d', packing: '#777777', packdown: '#1f6fb5' };
export const VARIANTS: readonly Variant[] = ['plain', 'packing', 'packdown'];

/** A day with where and when it was played. */
interface MeasuredDay extends PlayedDay {
  readonly measured: string;
}

const fileOf = (variant: Variant) => join(FOLDER, `${variant}.json`);

export function keepDay(day: PlayedDay): void {
  const measured = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node.js ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(fileOf(day.variant), `${JSON.stringify({ ...day, measured })}\n`);
}

/** Writes docs/day.md and its plot from the days that are kept in docs/day. */
export function writeReport(): void {
  const days = VARIANTS.filter((variant) => existsSync(fileOf(variant))).map((variant) => {
    const day: MeasuredDay = JSON.parse(readFileSync(fileOf(variant), 'utf8'));
    return day;
  });
  const lines = days.map(
    ({ variant, figures }): Line => ({ name: TITLES[variant], colour: COLOURS[variant], values: figures.free }),
  );
  const packed = days.find(({ variant }) => variant === 'packdown');
  const perfect: readonly Line[] =
    packed === undefined
      ? []
      : [{ name: 'perfect packing', colour: '#2e8b57', values: packed.figures.perfect, dashed: true }];
  const plot = dayPlot(`Free nodes of ${NODES} over a day`, [...lines, ...perfect], NODES);
  writeFileSync(join(FOLDER, PLOT), plot);
  writeFileSync(join(DOCS, 'day.md'), textOf(days, packed));
}

function textOf(days: readonly MeasuredDay[], packed: MeasuredDay | undefined): string {
  const fleet = WORKLOADS.map(
    ({ kind, name, pods, gpus, least, most }) => `| ${kind} \`${name}\` | ${least}–${most} | ${pods} | ${gpus} |`,
  );
  const rows = days.map((day) => `| ${TITLES[day.variant]} | ${cells(day).join(' | ')} |`);
  const [first] = days;
  return `# A day of real autoscalers

${INTRO}

![Free nodes over a day](day/${PLOT})

| | free node-hours | short of perfect packing | free for over 10 minutes | GPU-hours held | rescales by HPAs | pods created | pods deleted |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.join('\n')}

${VERDICT_INTRO} ${packed === undefined ? '' : verdictOf(packed)}

The day took ${first?.seconds} seconds, seed ${first?.seed}. Played by \`npm run bench:day\` on ${[...new Set(days.map(({ measured }) => measured))].join('; ')}.

| workload | replicas | pods of a replica | GPUs of a pod |
| --- | ---: | ---: | ---: |
${fleet.join('\n')}
`;
}

const INTRO = `kube-controller-manager's HPA controller scales ${WORKLOADS.length} workloads on ${NODES} nodes of 8 GPUs by an external metric, requests in flight to a
model, all by itself; kube-scheduler, the Deployment, ReplicaSet and StatefulSet controllers and the LeaderWorkerSet controller are the
real ones, kwok plays the kubelets, and a test double stands in for Kthena's controller (\`test/e2e/kthena-double\`). The load is the first
day of three models of ServeGen (\`bench/day/data\`): each workload follows one of them, up to an hour early or late, and has its
most replicas at the peak; never fewer than a quarter of them. A day is played in minutes: an HPA looks every second, that is every ten
minutes of the day, and scales down by the highest count of the last two seconds.

All begin alike, with pods that kube-scheduler as it comes has placed; from midnight on:

- **without packdown**: nothing else; that scheduler spreads pods.
- **packing scheduler alone**: the profile of \`manifests/scheduler\` (MostAllocated, no default spreading), no packdown.
- **with packdown**: the same profile with packdown's extender, and packdown's webhooks, configured as in \`manifests/base\`.`;

const VERDICT_INTRO = `Free node-hours are nodes without a pod, summed over the day; perfect packing is the same pods moved at will, which nobody does. "Free
for over 10 minutes" leaves out the first ten minutes of every time that a node is free: Cluster Autoscaler waits so long before it
removes one (\`--scale-down-unneeded-time\`).`;

function cells({ figures, rescales, podsCreated, podsDeleted }: PlayedDay): readonly string[] {
  const { freeNodeHours, perfectNodeHours, removableNodeHours, gpuHours } = figures;
  return [
    freeNodeHours.toFixed(0),
    (perfectNodeHours - freeNodeHours).toFixed(0),
    removableNodeHours.toFixed(0),
    gpuHours.toFixed(0),
    String(rescales),
    String(podsCreated),
    String(podsDeleted),
  ];
}

function verdictOf({ verdict, predictions }: PlayedDay): string {
  if (verdict === null) return '';
  const { scaleDowns, planned, gone, unplanned, spared } = verdict;
  const outcomes = Object.entries(predictions ?? {}).map(([outcome, count]) => `${count} ${outcome}`);
  return `With packdown ${scaleDowns} scale-downs were admitted, of ${planned} pods, and ${gone} pods went; ${unplanned.length} of these were not planned, and ${spared.length} planned ones stayed. \`packdown_predictions_total\`: ${outcomes.join(', ')}.`;
}
