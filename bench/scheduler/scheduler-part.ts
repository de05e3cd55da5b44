/** What packdown adds to a real kube-scheduler's work for a pod. */
import type { Effort, Findings, Part } from '../part.ts';
import type { Table } from '../report.ts';
import { median, quantile, spread } from '../statistics.ts';
import { type Round, startSchedulerCluster } from './cluster.ts';
import { startPassThrough } from './pass-through.ts';

const MOST_MILLISECONDS = 1.5;
/** Exchanges of a new connection that are TLS handshakes, or pods before anything is compiled, at the most. */
const WARM_UP_PAIRS = 50;
/** Rounds without packdown and as many with it, in turns, of so many pods each. */
const ROUNDS = { quick: { rounds: 1, pods: 400 }, full: { rounds: 3, pods: 1000 } };

export const scheduler: Part = {
  name: 'scheduler',
  title: 'In a real kube-scheduler',
  intro: `kube-scheduler with the profile of \`manifests/scheduler\`, on an apiserver, etcd and kwok nodes that share the same cores, without packdown
and with it as an extender, in turns. Pods that ask for a GPU wait before the scheduler starts. pods/s: from the first that has a node to
the last. algorithm: the mean of \`scheduler_scheduling_algorithm_duration_seconds\`, the scheduler's own figure, in which filter and prioritize are
a part. filter + prioritize: of each pod, from the first byte that the scheduler sends until the first byte of the answer, both calls added up,
timed on the wire by a TCP pass-through, whose own time is in it. kube-scheduler asks about 42 % of 1,000 nodes at a time, 420 names, and 10 % of 5,000.

Rounds: ${ROUNDS.full.rounds} without and ${ROUNDS.full.rounds} with packdown at each number of nodes, of ${ROUNDS.full.pods} pods each. pods/s and algorithm are medians of the rounds, in the table beside
the lowest and the highest; p50 and p99 are of the pods of all rounds together, without the first ${WARM_UP_PAIRS} of each.`,
  measure,
};

interface Measured {
  readonly nodes: number;
  readonly without: readonly Round[];
  readonly beside: readonly Round[];
  /** Milliseconds of filter and prioritize of each pod. */
  readonly added: readonly number[];
}

async function measure({ quick }: Effort): Promise<Findings> {
  const sizes = quick ? [1000] : [1000, 5000];
  const results: Measured[] = [];
  for (const nodes of sizes) results.push(await measureAt(nodes, quick ? ROUNDS.quick : ROUNDS.full));
  return { lines: results.map(comparison), tables: [table(results)] };
}

async function measureAt(nodes: number, { rounds, pods }: { rounds: number; pods: number }): Promise<Measured> {
  const cluster = await startSchedulerCluster(nodes);
  const proxy = await startPassThrough(cluster.packdown.port);
  const extender = { ...cluster.packdown.extender, urlPrefix: `https://127.0.0.1:${proxy.port}/scheduler` };
  const [without, beside, added]: [Round[], Round[], number[]] = [[], [], []];
  try {
    for (let round = 0; round < rounds; round += 1) {
      without.push(await cluster.schedule(pods, []));
      proxy.take();
      beside.push(await cluster.schedule(pods, [extender]));
      added.push(...pairs(proxy.take(), pods));
    }
  } finally {
    await proxy.close();
    await cluster.stop();
  }
  return { nodes, without, beside, added };
}

/** The scheduler asks for one pod at a time, first to filter and then to prioritize. */
function pairs(times: readonly number[], pods: number): readonly number[] {
  if (times.length < 2 * pods) throw new Error(`${times.length} calls for ${pods} pods: the extender was left out`);
  const calls = times.slice(-2 * (pods - WARM_UP_PAIRS));
  return Array.from({ length: calls.length / 2 }, (_, pair) => (calls[2 * pair] ?? 0) + (calls[2 * pair + 1] ?? 0));
}

const thousands = (nodes: number) => nodes.toLocaleString('en');

function comparison({ nodes, without, beside, added }: Measured): string {
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(added, share).toFixed(2));
  const ratio = median(beside.map(({ podsPerSecond }, round) => podsPerSecond / (without[round]?.podsPerSecond ?? 0)));
  const slower = median(beside.map(({ algorithm }, round) => algorithm - (without[round]?.algorithm ?? 0)));
  const mark = nodes === 1000 ? ` (at most ${MOST_MILLISECONDS})` : '';
  return `scheduler, ${thousands(nodes)} nodes: filter + prioritize p50 ${p50} ms${mark}, p99 ${p99} ms; algorithm + ${slower.toFixed(2)} ms; ${ratio.toFixed(2)}x pods/s`;
}

function table(results: readonly Measured[]): Table {
  const row = (name: string, rounds: readonly Round[], added: readonly number[]) => [
    name,
    spread(
      rounds.map(({ podsPerSecond }) => podsPerSecond),
      0,
    ),
    spread(
      rounds.map(({ algorithm }) => algorithm),
      2,
    ),
    ...[0.5, 0.99].map((share) => (added.length === 0 ? '–' : quantile(added, share).toFixed(2))),
  ];
  return {
    title: 'Pods per second, and what the extender takes',
    header: ['', 'pods/s', 'algorithm ms', 'filter + prioritize p50 ms', 'p99 ms'],
    rows: results.flatMap(({ nodes, without, beside, added }) => [
      row(`${thousands(nodes)} nodes, without`, without, []),
      row(`${thousands(nodes)} nodes, packdown`, beside, added),
    ]),
    plotted: 1,
  };
}
