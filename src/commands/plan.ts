import { scalingOptions } from '../admission/steering.ts';
import type { Config } from '../config/config.ts';
import { CodedError } from '../domain/coded-error.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { TargetSet } from '../domain/fleet/target-set.ts';
import { POLICIES, type Policy } from '../domain/victims/policies.ts';
import { type PlanReport, reportPlan } from '../workloads/plan-report.ts';
import { readScaleExpression } from '../workloads/scale-expression.ts';
import { planScaling } from '../workloads/scaling.ts';
import type { Command } from './command.ts';
import { CONFIG_FLAG, readConfigFlag } from './config-flag.ts';
import { FLEET_FLAGS, withSnapshot } from './fleet-source.ts';
import { readArguments, readChoice } from './usage.ts';

const FLAGS = {
  ...FLEET_FLAGS,
  ...CONFIG_FLAG,
  scale: { type: 'string', multiple: true },
  policy: { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const;

export const plan: Command = {
  name: 'plan',
  summary: 'what a scale-down would delete and free, and the costs that make it so; writes nothing',
  synopsis:
    '(--fleet F.yaml | --kubeconfig F) --scale KIND/NAMESPACE/NAME[:ROLE]=REPLICAS … [--policy consolidate|binpack|ordinal] [--config F] [-o text|json]',

  async run(argv, io) {
    const args = readArguments(argv, FLAGS, io.environment);
    const output = readChoice('output', args.text('output') ?? 'text', ['text', 'json']);
    const scales = args.texts('scale');
    if (scales.length === 0)
      throw new CodedError('WrongUsage', 'plan needs --scale KIND/NAMESPACE/NAME[:ROLE]=REPLICAS');
    const config = await readConfigFlag(args, io.environment);
    const policyFlag = args.text('policy');
    const policy = policyFlag === undefined ? config.policy : readChoice('policy', policyFlag, POLICIES);
    await withSnapshot(args, io, (snapshot, targetSet) => {
      const report = planReport(scales, policy, snapshot, config, targetSet, io.now());
      io.stdout(output === 'json' ? JSON.stringify(report) : planText(report));
    });
    return 0;
  },
};

/** The plan for `--scale` expressions, as the command and GET /plan give it. */
export function planReport(
  scales: readonly string[],
  policy: Policy,
  snapshot: Snapshot,
  config: Config,
  targetSet: TargetSet | null,
  now: number,
): PlanReport {
  const requests = scales.map((scale) => readScaleExpression(scale, snapshot));
  const options = { ...scalingOptions(config), policy, targetSet: targetSet?.nodes ?? [] };
  return reportPlan(planScaling(requests, snapshot, options, now), policy, targetSet);
}

function planText(report: PlanReport): string {
  const requests = report.requests.map(
    ({ workload, role, from, to }) => `${workload}${role === null ? '' : `:${role}`} from ${from} to ${to}`,
  );
  const victims = report.victims.map(({ group, replica, pods, score, steered }) => {
    const name = replica === null ? (group ?? pods.join(', ')) : `${group}/${replica}`;
    const count = `${pods.length} ${pods.length === 1 ? 'pod' : 'pods'}`;
    return `  ${name}  (${count}, score ${score}${steered ? '' : ', by its controller’s own order'})`;
  });
  const costs = report.costs.map(({ pod, from, to }) => `  ${pod}  ${from ?? 'none'} → ${to}`);
  const freed = report.nodesFreed.length === 0 ? 'none' : `${report.nodesFreed.join(', ')} (${report.gpusFreed} GPUs)`;
  return [
    `Plan (${report.policy}): ${requests.join('; ')}`,
    ...section('Goes', victims),
    ...section(
      'Created',
      report.created.map((name) => `  ${name}`),
    ),
    `Nodes freed: ${freed}`,
    ...section('Costs to write', costs),
    ...report.warnings.map((warning) => `Warning: ${warning}`),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines];
}
