import { setTimeout } from 'node:timers/promises';
import type { Tools } from '../../test/e2e/control-plane/tools.ts';
import { until } from '../../test/e2e/control-plane/wait.ts';
import { type Start, startDayCluster, type Variant } from '../../test/e2e/day/cluster.ts';
import { type DayVerdict, judgeDay } from '../../test/e2e/day/verdict.ts';
import type { Replica } from '../../test/e2e/replica.ts';
import { DAY_MINUTES, type Figures, figuresOf } from './figures.ts';
import { demandOf, NODES, WORKLOADS } from './fleet.ts';

const HPA_CONTROLLER = 'system:serviceaccount:kube-system:horizontal-pod-autoscaler';
/** For which an HPA looks back before it scales down. */
export const STABILIZATION_SECONDS = 2;

export interface PlayedDay {
  readonly variant: Variant;
  readonly seed: number;
  readonly seconds: number;
  readonly figures: Figures;
  /** `/scale` requests of the HPA controller that were carried out. */
  readonly rescales: number;
  readonly podsCreated: number;
  readonly podsDeleted: number;
  /** What packdown said would go against what went; null without packdown. */
  readonly verdict: DayVerdict | null;
  /** `packdown_predictions_total` by outcome. */
  readonly predictions: Readonly<Record<string, number>> | null;
}

export interface DayOptions {
  readonly tools: Tools;
  readonly variant: Variant;
  readonly start: Start;
  readonly seed: number;
  /** That the day takes. */
  readonly seconds: number;
}

/** Plays a whole day. */
export async function playDay({ tools, variant, start, seed, seconds }: DayOptions): Promise<PlayedDay> {
  const demand = demandOf(seed);
  let minute = () => 0;
  const cluster = await startDayCluster({
    tools,
    variant,
    start,
    nodes: NODES,
    workloads: WORKLOADS,
    wanted: (name) => demand(name, minute()),
    stabilization: STABILIZATION_SECONDS,
  });
  try {
    const { controlPlane, lives, packdown } = cluster;
    const began = Date.now();
    const length = seconds * 1000;
    minute = () => Math.min(DAY_MINUTES, ((Date.now() - began) / length) * DAY_MINUTES);
    await setTimeout(length);
    await cluster.settled();
    const [audit, pods] = [await controlPlane.auditLog(), lives.all()];
    const rescales = audit.filter(
      ({ user, objectRef, responseStatus }) =>
        user.username === HPA_CONTROLLER && objectRef?.subresource === 'scale' && responseStatus?.code === 200,
    );
    const verdict = packdown === null ? null : judgeDay(audit, pods);
    return {
      variant,
      seed,
      seconds,
      figures: figuresOf(pods, NODES, began, length),
      rescales: rescales.length,
      podsCreated: pods.filter(({ bornAt }) => bornAt >= began).length,
      podsDeleted: pods.filter(({ goneAt }) => goneAt !== null).length,
      verdict,
      predictions: packdown === null ? null : await settledPredictions(packdown, verdict?.scaleDowns ?? 0),
    };
  } catch (error) {
    console.error(await cluster.controlPlane.logs());
    throw error;
  } finally {
    await cluster.stop();
  }
}

/** What packdown says of so many scale-downs: for some seconds it watches what went after the last of them. */
function settledPredictions(packdown: Replica, scaleDowns: number): Promise<Readonly<Record<string, number>>> {
  return until(
    `the predictions of ${scaleDowns} scale-downs`,
    async () => {
      const outcomes = await packdown.predictions();
      const settled = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
      return settled >= scaleDowns && outcomes;
    },
    { timeout: 60_000 },
  );
}
