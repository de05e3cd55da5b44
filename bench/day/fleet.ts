import { Random } from '../../src/domain/planner/random.ts';
import {
  type Autoscaled,
  deploymentOf,
  leaderWorkerSetOf,
  servingOf,
  statefulSetOf,
} from '../../test/e2e/day/workloads.ts';
import { type Model, readCurves } from './curve.ts';

export const NODES = 30;
const LEAST_SHARE = 0.25;
const SHIFT_MINUTES = 60;

const upTo = (most: number) => ({ least: Math.ceil(most * LEAST_SHARE), most });

const FLEET: readonly (readonly [Autoscaled, Model])[] = [
  [servingOf('chat', upTo(14), { decode: 2, gpus: 1 }), 'm-large'],
  [servingOf('code', upTo(8), { decode: 1, gpus: 2 }), 'm-mid'],
  [servingOf('reason', upTo(4), { decode: 3, gpus: 2 }), 'm-large'],
  [deploymentOf('embed', upTo(20), 1), 'm-small'],
  [deploymentOf('rerank', upTo(12), 1), 'm-mid'],
  [deploymentOf('vision', upTo(10), 2), 'm-small'],
  [deploymentOf('draft', upTo(5), 4), 'm-mid'],
  [statefulSetOf('cache', upTo(8), 1), 'm-small'],
  [leaderWorkerSetOf('large', upTo(5), 2), 'm-large'],
];

export const WORKLOADS: readonly Autoscaled[] = FLEET.map(([workload]) => workload);

/**
 * How many replicas each workload is to have at a minute of the day: its curve, up to an hour early or late by the
 * seed.
 */
export function demandOf(seed: number): (name: string, minute: number) => number {
  const curves = readCurves();
  const random = new Random(seed);
  const demands = FLEET.map(([{ name, most }, model]) => {
    const shift = SHIFT_MINUTES * (2 * random.next() - 1);
    return [name, (minute: number) => most * curves[model](minute + shift)] as const;
  });
  const byName = new Map(demands);
  return (name, minute) => byName.get(name)?.(minute) ?? 0;
}
