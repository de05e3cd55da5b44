import type { Config } from '../config/config.ts';
import { outlookOf } from '../config/outlook.ts';
import { scalingOptions } from '../config/scaling-options.ts';
import { CodedError } from '../domain/coded-error.ts';
import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { TargetSet } from '../domain/fleet/target-set.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { counted } from '../domain/ordering/wording.ts';
import { prove } from '../domain/planner/prove.ts';
import { podScore } from '../domain/score/pod-score.ts';
import { POLICIES, type Policy } from '../domain/victims/policies.ts';
import type { Unproven } from '../planning/complete-proven.ts';
import { fleetMap } from '../workloads/fleet-map.ts';
import { type SeenLow, seenIn } from '../workloads/floors.ts';
import { type PlanReport, reportPlan } from '../workloads/plan-report.ts';
import { readScaleExpressions } from '../workloads/scale-expression.ts';
import { openProven, type ProvenPlan, policyOf } from '../workloads/scaling.ts';
import { refuseSharedPods } from '../workloads/shared-pods.ts';
import type { Command } from './command.ts';
import { CONFIG_FLAG, readConfigFlag } from './config-flag.ts';
import { writeTextFile } from './files.ts';
import { drawSvg } from './fleet-map-svg.ts';
import { drawText } from './fleet-map-text.ts';
import { FLEET_FLAGS, withSnapshot } from './fleet-source.ts';
import { doubtsOf, notesOn } from './plan-warnings.ts';
import { printable } from './printable.ts';
import { readArguments, readChoice } from './usage.ts';

const FLAGS = {
  scale: {
    type: 'string',
    multiple: true,
    value: 'KIND/NAMESPACE/NAME[:ROLE]=REPLICAS',
    help: 'a count to scale to; several are planned together',
  },
  policy: { type: 'string', value: POLICIES.join('|'), help: 'in place of the configured one' },
  output: { type: 'string', short: 'o', value: 'text|json', help: 'how to print the plan (default text)' },
  svg: { type: 'string', value: 'F.svg', help: 'also draw the nodes that change, before and after' },
  ...FLEET_FLAGS,
  ...CONFIG_FLAG,
} as const;

export const plan: Command = {
  name: 'plan',
  summary: 'what a scale-down would delete and free, and the costs that make it so; writes nothing',
  synopsis: '(--fleet F.yaml | --kubeconfig F) --scale KIND/NAMESPACE/NAME[:ROLE]=REPLICAS … [flags]',
  examples: [
    'packdown plan --fleet manifests/examples/fleet.yaml --scale ModelServing/llm/chat=3',
    'packdown plan --fleet manifests/examples/fleet.yaml --scale ModelServing/llm/chat=2 --scale Deployment/llm/embed=4',
    'packdown plan --kubeconfig ~/.kube/config --scale ModelServing/llm/chat:decode=1 -o json',
  ],
  flags: FLAGS,

  async run(argv, io) {
    const args = readArguments(argv, FLAGS, io.environment);
    const output = readChoice('output', args.text('output') ?? 'text', ['text', 'json']);
    const scales = args.texts('scale');
    if (scales.length === 0)
      throw new CodedError('WrongUsage', 'plan needs --scale KIND/NAMESPACE/NAME[:ROLE]=REPLICAS');
    const config = await readConfigFlag(args, io.environment);
    const policyFlag = args.text('policy');
    const policy = policyFlag === undefined ? config.policy : readChoice('policy', policyFlag, POLICIES);
    const svg = args.text('svg');
    await withSnapshot(args, io, async (snapshot, targetSet, lows) => {
      const known = { targetSet, seenLow: seenIn(lows, io.now()) };
      const open = openReport(scales, policy, snapshot, config, known, io.now());
      const { plan, report } = open.complete(prove);
      const map = fleetMap(plan, snapshot);
      io.stdout(output === 'json' ? JSON.stringify(report) : planText(report, config, drawText(map, io.colour)));
      if (svg !== undefined) await writeTextFile(svg, drawSvg(map));
    });
    return 0;
  },
};

/** What is known of scale-downs to come. */
export interface Foresight {
  readonly targetSet: TargetSet | null;
  readonly seenLow: SeenLow;
}

/**
 * Opens the plan for `--scale` expressions, under the policy and all others: complete, it has its report as the command
 * and GET /plan give it. Throws CodedError as readScaleExpressions does; once completed, as refuseSharedPods does.
 */
export function openReport(
  scales: readonly string[],
  policy: Policy,
  snapshot: Snapshot,
  config: Config,
  { targetSet, seenLow }: Foresight,
  now: number,
): Unproven<{ readonly plan: ProvenPlan; readonly report: PlanReport }> {
  const requests = readScaleExpressions(scales, snapshot);
  const options = {
    ...scalingOptions(config),
    targetSet: targetSet?.nodes ?? [],
    outlookOf: outlookOf(snapshot, config, seenLow),
  };
  const scoreOf = (pod: Pod) => podScore(pod, snapshot, options.binpack);
  const openUnder = (policy: Policy, asksNobody = false) =>
    openProven({ requests, snapshot, options: { ...options, policy, asksNobody }, now });
  const open = openUnder(policy);
  const policyOfOwn = (workload: Workload) => policyOf(workload, snapshot, { ...options, policy });
  const own = new Set(requests.map(({ workload }) => policyOfOwn(workload)));
  const [only = policy] = own.size === 1 ? own : [];
  const others = POLICIES.filter((other) => other !== only).map((other) => ({
    policy: other,
    open: openUnder(other, true),
  }));
  return {
    problems: [open, ...others.map((other) => other.open)].map(({ problem }) => problem),
    complete(proofOf) {
      const plan = open.complete(proofOf(open.problem));
      refuseSharedPods(plan);
      const instead = others.map((other) => ({
        policy: other.policy,
        plan: other.open.complete(proofOf(other.open.problem)),
      }));
      const report = reportPlan({ plan, policy: only, others: instead, targetSet, scoreOf });
      const hasPolicyOfItsOwn = (workload: Workload) => policyOfOwn(workload) !== policy;
      const notes = notesOn(requests, snapshot, config, now, hasPolicyOfItsOwn);
      return { plan, report: { ...report, warnings: [...notes, ...doubtsOf(plan, snapshot), ...report.warnings] } };
    },
  };
}

function planText(report: PlanReport, config: Config, map: readonly string[]): string {
  const requests = report.requests.map(
    ({ workload, role, from, to }) => `${workload}${role === null ? '' : `:${role}`} from ${from} to ${to}`,
  );
  const areSeveral = new Set(report.requests.map(({ workload }) => workload)).size > 1;
  const victims = report.victims.map(({ workload, group, replica, pods, score, steered }) => {
    const unit = replica === null ? group : `${group}/${replica}`;
    const name = unit === null ? pods.join(', ') : areSeveral ? `${workload} ${unit}` : unit;
    return `  ${name}  (${counted(pods.length, 'pod')}, score ${score}${steered ? '' : ', by its controller’s own order'})`;
  });
  const costs = report.costs.map(
    ({ pod, kind, from, to }) => `  ${kind === undefined ? '' : `${kind} `}${pod}  ${from ?? 'none'} → ${to}`,
  );
  const said = [
    `Plan (${report.policy}): ${requests.join('; ')}`,
    ...section('Goes', victims),
    ...section(
      'Created',
      report.created.map((name) => `  ${name}`),
    ),
    `Nodes freed: ${freedText(report, config)}`,
    ...(report.step === undefined ? [] : [`  ${report.step}`]),
    ...section('Instead', report.alternatives.map(alternativeText)),
  ];
  const last = [...section('Costs to write', costs), ...report.warnings.map((warning) => `Warning: ${warning}`)];
  return [...said.map(printable), ...map, ...last.map(printable)].join('\n');
}

/** How much that is, and how much more no choice could free. */
function freedText({ nodesFreed, gpusFreed, value, bound, undecided }: PlanReport, { nodeWeights }: Config): string {
  const isWeighted = nodeWeights.length > 0;
  const most = bound === null ? '' : ` of at most ${rounded(isWeighted ? bound : gpusFreed + bound - value)}`;
  const amount = isWeighted ? `weight ${rounded(value)}${most}` : `${gpusFreed}${most} GPUs`;
  const names = nodesFreed.length === 0 ? 'none' : nodesFreed.join(', ');
  return undecided === true ? `${names} for certain, and perhaps more (${amount})` : `${names} (${amount})`;
}

function alternativeText({ policy, nodesFreed, gpusFreed }: PlanReport['alternatives'][number]): string {
  const who = policy === 'none' ? 'without packdown' : `policy ${policy}`;
  return `  ${who}: ${counted(nodesFreed, 'node')} (${gpusFreed} GPUs)`;
}

/** A bound holds when it is rounded up. */
function rounded(value: number): number {
  return Math.ceil(value * 10 - 1e-6) / 10;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines];
}
