import type { ScalingOptions } from '../workloads/scaling.ts';
import { binpackWeights, type Config } from './config.ts';

/** What of the configuration planning reads. */
export function scalingOptions(config: Config): ScalingOptions {
  const { policy, nodeWeights, warmNodes, resourceScalingGroup } = config;
  return { policy, binpack: binpackWeights(config), nodeWeights, warmNodes, adapterOptions: resourceScalingGroup };
}
