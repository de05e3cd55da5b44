import type { RuleMode } from '../domain/ordering/rule.ts';
import { rules } from '../domain/ordering/rules.ts';
import type { BinpackWeights } from '../domain/score/binpack.ts';
import type { Policy } from '../domain/victims/policies.ts';
import type { AdapterOptions } from '../workloads/adapter.ts';
import type { NodeWeight, WarmNodeCount } from '../workloads/node-worth.ts';
import { GROUP_LABEL } from '../workloads/resource-scaling-group/groups.ts';
import type { Mode } from './schema.ts';

/** The configuration in effect; durations as they are written, e.g. `800ms`. */
export interface Config {
  readonly mode: Mode;
  readonly policy: Policy;
  readonly rules: Readonly<Record<string, RuleMode>>;
  readonly allowOverrides: boolean;
  readonly limits: { readonly maxReplicas: number; readonly cooldown: string };
  readonly steering: { readonly budget: string; readonly settle: string; readonly takeBack: string };
  readonly binpack: {
    readonly weight: number;
    readonly cpu: number;
    readonly memory: number;
    readonly resources: Readonly<Record<string, number>>;
  };
  /** How much each counts when nodes are scored for a pod, 0 to 10. */
  readonly scheduler: { readonly binpack: number; readonly locality: number; readonly stranding: number };
  readonly resourceScalingGroup: AdapterOptions;
  readonly nodeWeights: readonly NodeWeight[];
  readonly warmNodes: readonly WarmNodeCount[];
  readonly background: boolean;
  readonly exemptNamespaces: readonly string[];
}

/** What is in effect where nothing else is said. */
export const defaultConfig: Config = {
  mode: 'steer',
  policy: 'consolidate',
  rules: Object.fromEntries(rules.map(({ name, mode }) => [name, mode])),
  allowOverrides: true,
  limits: { maxReplicas: 10_000, cooldown: '5m' },
  steering: { budget: '800ms', settle: '200ms', takeBack: '5m' },
  binpack: { weight: 1, cpu: 1, memory: 1, resources: { 'nvidia.com/gpu': 5 } },
  scheduler: { binpack: 1, locality: 1, stranding: 0 },
  resourceScalingGroup: { groupLabel: GROUP_LABEL },
  nodeWeights: [],
  warmNodes: [],
  background: false,
  exemptNamespaces: [],
};

/** Volcano's weights out of the configuration. */
export function binpackWeights({ binpack }: Config): BinpackWeights {
  const resources = new Map([
    ['cpu', binpack.cpu],
    ['memory', binpack.memory],
    ...Object.entries(binpack.resources),
  ] satisfies [string, number][]);
  return { weight: binpack.weight, resources };
}
