import type { Config } from '../config/config.ts';
import { CodedError } from '../domain/coded-error.ts';
import { describeSilence } from '../domain/fleet/silence.ts';
import { POLICIES } from '../domain/victims/policies.ts';
import type { OpsServerOptions } from '../http/ops-server.ts';
import { RequestError } from '../http/problem.ts';
import { completeProven, type Prove } from '../planning/complete-proven.ts';
import { reportCosts } from '../workloads/cost-report.ts';
import type { SeenLow } from '../workloads/floors.ts';
import type { FleetSource } from './fleet-source.ts';
import { openReport } from './plan.ts';
import { choiceOf } from './usage.ts';

const NO_ANSWER =
  'The planner has not answered in time: ask again, for fewer workloads at once, or use `packdown plan`, which waits.';

export interface AnsweredFleet {
  readonly source: Pick<FleetSource, 'fleet' | 'targetSet' | 'isSynced' | 'checks'>;
  readonly config: Config;
  readonly seenLow: SeenLow;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Where plans are made, so that everybody else is answered meanwhile. */
  readonly prove: Prove;
}

/**
 * What the ops port tells of the fleet: how far it is read, its costs, and plans. The latter two are errors until it is
 * read.
 */
export function fleetAnswers({
  source,
  config,
  seenLow,
  now,
  prove,
}: AnsweredFleet): Pick<OpsServerOptions, 'checks' | 'costs' | 'plan'> {
  const readSnapshot = () => {
    if (source.isSynced()) return source.fleet.snapshot();
    throw new RequestError(503, 'NotReady', `${describeSilence(null)}: ask again once /readyz is ok`);
  };
  return {
    checks: () => source.checks(),
    costs: () => reportCosts(readSnapshot()),
    plan: async ({ scales, policy }) => {
      if (scales.length === 0)
        throw new CodedError('InvalidScale', 'name at least one ?scale=KIND/NAMESPACE/NAME[:ROLE]=REPLICAS');
      const chosen = policy === null ? config.policy : choiceOf(`policy=${policy}`, policy, POLICIES);
      const look = () => {
        const known = { targetSet: source.targetSet.current(), seenLow };
        return openReport(scales, chosen, readSnapshot(), config, known, now());
      };
      const planned = await completeProven(look, prove);
      if (planned === null) throw new RequestError(503, 'PlanTimeout', NO_ANSWER);
      return planned.report;
    },
  };
}
