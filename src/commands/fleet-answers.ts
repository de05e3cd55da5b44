import type { Config } from '../config/config.ts';
import { CodedError } from '../domain/coded-error.ts';
import { describeSilence } from '../domain/fleet/silence.ts';
import { POLICIES } from '../domain/victims/policies.ts';
import type { OpsServerOptions } from '../http/ops-server.ts';
import { RequestError } from '../http/problem.ts';
import { reportCosts } from '../workloads/cost-report.ts';
import type { SeenLow } from '../workloads/floors.ts';
import type { FleetSource } from './fleet-source.ts';
import { planReport } from './plan.ts';
import { readChoice } from './usage.ts';

export interface AnsweredFleet {
  readonly source: FleetSource;
  readonly config: Config;
  readonly seenLow: SeenLow;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What the ops port tells of the fleet: how far it is read, its costs, and plans. The latter two are errors until it is read. */
export function fleetAnswers({
  source,
  config,
  seenLow,
  now,
}: AnsweredFleet): Pick<OpsServerOptions, 'checks' | 'costs' | 'plan'> {
  const readSnapshot = () => {
    if (source.isSynced()) return source.fleet.snapshot();
    throw new RequestError(503, 'NotReady', `${describeSilence(null)}: ask again once /readyz is ok`);
  };
  return {
    checks: () => source.checks(),
    costs: () => reportCosts(readSnapshot()),
    plan: ({ scales, policy }) => {
      if (scales.length === 0)
        throw new CodedError('InvalidScale', 'name at least one ?scale=KIND/NAMESPACE/NAME[:ROLE]=REPLICAS');
      const known = { targetSet: source.targetSet.current(), seenLow };
      const chosen = policy === null ? config.policy : readChoice('policy', policy, POLICIES);
      return planReport(scales, chosen, readSnapshot(), config, known, now()).report;
    },
  };
}
