import type { Part } from '../part.ts';
import type { Table } from '../report.ts';
import { mean } from '../statistics.ts';
import { published, TRACES, type Trace } from './openb.ts';
import { INSTALLED_VOLCANO, PACKDOWN_VOLCANO, packdownExtender } from './packdown-policies.ts';
import { BEST_FIT, balanceScore, binpackScore, byNode, fitScore, RANDOM } from './policies.ts';
import { LOADS, type Outcome, type Policy, simulate } from './simulation.ts';

const LEAST_ALLOCATED = fitScore('LeastAllocated', { cpu: 1, memory: 1 });
const MOST_ALLOCATED = fitScore('MostAllocated', { cpu: 1, memory: 1, gpu: 5 });
const PACKDOWN = packdownExtender('packdown, kube-scheduler', () => true);

const POLICIES: readonly Policy[] = [
  RANDOM,
  byNode('LeastAllocated', (pod, node) => LEAST_ALLOCATED(pod, node) + balanceScore(pod, node)),
  byNode('MostAllocated', (pod, node) => MOST_ALLOCATED(pod, node) + balanceScore(pod, node)),
  byNode('Volcano binpack', binpackScore({ cpu: 1, memory: 1, gpu: 1 })),
  byNode('Volcano binpack, GPUs 5', binpackScore({ cpu: 1, memory: 1, gpu: 5 })),
  BEST_FIT,
  packdownExtender('packdown, GPU pods only', ({ devices }) => devices > 0),
  PACKDOWN,
  INSTALLED_VOLCANO,
  PACKDOWN_VOLCANO,
];

/** Orders in which the pods arrive. */
const SHUFFLES = { quick: 2, full: 10 };

export const packing: Part = {
  name: 'packing',
  title: 'Packing',
  intro: `Pods of openb, a GPU cluster of 1,213 nodes and 6,212 GPUs, arrive in random order at empty nodes, never leave, and are turned
away where none has room, until they have asked for 130 % of all GPUs: the evaluation of FGD (Weng et al., "Beware of Fragmentation",
USENIX ATC'23). How many GPUs are then allocated, and how many nodes stayed free on the way there, at ${LOADS.map((load) => load * 100).join(', ')} % of the GPUs
asked for, with how many GPUs: means of ${SHUFFLES.full} shuffles, the same for all. All nodes with room are scored (\`percentageOfNodesToScore: 100\`), one of the best is taken at random.

LeastAllocated and MostAllocated are kube-scheduler's scores, NodeResourcesBalancedAllocation added, the first with its default weights, the
second with those of \`manifests/scheduler\`; Volcano's binpack is its formula, with all weights 1, and with GPUs at 5. packdown is its own code with
\`scheduler.stranding: 2\`, and once as installed, where it is 0; asked as kube-scheduler asks it, beside the profile of \`manifests/scheduler\`: for GPU pods only, as its \`managedResources\` there say, or for all; and
as Volcano asks it. What FGD's authors published for the same pods and nodes stands below; their shuffles are not these.`,
  measure: async ({ quick }) => {
    const seeds = Array.from({ length: quick ? SHUFFLES.quick : SHUFFLES.full }, (_, index) => index + 1);
    const results = TRACES.map((trace) => ({ trace, outcomes: outcomesOf(trace, seeds) }));
    return {
      lines: results.map(({ trace, outcomes }) => comparison(trace, outcomes)),
      tables: results.map(({ trace, outcomes }) => table(trace, outcomes)),
    };
  },
};

type Outcomes = ReadonlyMap<Policy, readonly Outcome[]>;

function outcomesOf(trace: Trace, seeds: readonly number[]): Outcomes {
  return new Map(POLICIES.map((policy) => [policy, seeds.map((seed) => simulate(trace, policy, seed))]));
}

/** packdown beside the best of the others, and beside what is published. */
function comparison(trace: Trace, outcomes: Outcomes): string {
  const allocated = (policy: Policy) => 100 * mean((outcomes.get(policy) ?? []).map((outcome) => outcome.allocated));
  const own = allocated(PACKDOWN_VOLCANO);
  const others = POLICIES.filter(({ name }) => !name.startsWith('packdown'));
  const [best] = others.map((policy) => ({ policy, percent: allocated(policy) })).sort((a, b) => b.percent - a.percent);
  const rivals = [
    ...(best === undefined ? [] : [[`${best.policy.name} here`, best.percent] as const]),
    ...published(trace).map(([policy, percent]) => [`${policy} published`, Number(percent)] as const),
  ];
  const figures = rivals.map(([name, percent]) => `${(own / percent).toFixed(3)}x ${name}`);
  const kube = allocated(PACKDOWN).toFixed(2);
  return `packing ${trace.name}: ${own.toFixed(2)} % of GPUs allocated by Volcano with packdown (${figures.join(', ')}), ${kube} % by kube-scheduler`;
}

function table(trace: Trace, outcomes: Outcomes): Table {
  const rows = [...outcomes].map(([{ name }, all]) => {
    const percents = all.map(({ allocated }) => 100 * allocated);
    const range = [Math.min(...percents), Math.max(...percents)].map((percent) => percent.toFixed(2)).join(' to ');
    const free = LOADS.map((_, load) => {
      const [nodes, gpus] = [
        mean(all.map(({ free }) => free[load] ?? 0)),
        mean(all.map((one) => one.freeGpus[load] ?? 0)),
      ];
      return `${nodes.toFixed(0)} (${gpus.toFixed(0)})`;
    });
    return [name, mean(percents).toFixed(2), range, ...free];
  });
  const theirs = published(trace).map(([policy, percent]) => [
    `${policy}, published`,
    percent,
    '–',
    ...LOADS.map(() => '–'),
  ]);
  return {
    title: `GPUs of openb allocated: ${trace.title}`,
    header: ['', 'allocated %', 'lowest to highest', ...LOADS.map((load) => `free nodes (GPUs) at ${load * 100} %`)],
    rows: [...rows, ...theirs],
    plotted: 1,
  };
}
