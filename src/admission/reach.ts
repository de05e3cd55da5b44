import type { Config } from '../config/config.ts';
import { isExempt } from '../config/modes.ts';
import { describeSilence, isSilent } from '../domain/fleet/silence.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { workloadName } from '../domain/fleet/workload.ts';
import { type Counts, NOTHING_KNOWN } from '../domain/ordering/facts.ts';
import { refusedWithin } from '../domain/ordering/reach.ts';
import type { AutoscalerKind, Reach } from '../workloads/autoscaling/reach.ts';
import { ratioOf } from '../workloads/declared-ratio.ts';
import { gatherFacts } from '../workloads/facts.ts';
import { adapterOfKind } from '../workloads/registry.ts';
import { allowed, type Decision } from './response.ts';
import type { AdmissionRequest } from './review.ts';
import { limitsOf, modesOf } from './rule-settings.ts';
import { asCounts, scaledBy } from './scaled-target.ts';

/**
 * Warns of states that an autoscaler which is being created or updated may ask for in vain, and never refuses the
 * autoscaler: its bounds may be mended, or the rule, before it comes to that.
 */
export function warnOfReach(
  autoscaler: AutoscalerKind,
  request: AdmissionRequest,
  snapshot: Snapshot,
  config: Config,
  staleness: number | null,
): Decision {
  const { operation, subResource, object, namespace, name } = request;
  if ((operation !== 'CREATE' && operation !== 'UPDATE') || subResource !== '') return allowed();
  if (object === null) return allowed(['the review holds no object to look at; allowed']);
  const title = `${autoscaler.kind}/${namespace}/${name}`;
  if (isSilent(staleness)) {
    return { ...allowed([`${describeSilence(staleness)}: the bounds of ${title} were not looked at`]), doubt: 'stale' };
  }
  const reaches = autoscaler
    .reaches(object)
    .map((reach) => ({ ...reach, target: { ...reach.target, namespace: reach.target.namespace || namespace } }));
  return allowed(reaches.flatMap((reach) => warningsOf(title, reach, snapshot, config)));
}

function warningsOf(title: string, { target, states, ratio }: Reach, snapshot: Snapshot, config: Config) {
  const isOurs = adapterOfKind(target.group, target.kind) !== undefined;
  if (!isOurs || isExempt(target.namespace, snapshot, config)) return [];
  const known = snapshot.workload(target);
  if (known === undefined) {
    return [`${workloadName(target)} is not in the fleet (yet): the bounds of ${title} were not looked at`];
  }
  const { workload, role } = scaledBy(known, snapshot) ?? { workload: known, role: null };
  const reached = role === null ? states : states.map(({ replicas }) => asCounts(role, replicas ?? known.replicas));
  // How its replicas stand at the moment says nothing of the day when it will be scaled.
  const { owner, scalers, memberOf, anchorRole } = gatherFacts(workload, workload, null, snapshot, 0).facts;
  const facts = { ...NOTHING_KNOWN, owner: workload === known ? owner : null, scalers, memberOf, anchorRole };
  const declared = ratioOf(workload, snapshot, ratio).ratio;
  const circumstances = { ratio: declared, ...limitsOf(config), facts };
  return refusedWithin(workload, reached, circumstances, modesOf(workload, snapshot, config).modeOf).map(
    ({ at, message }) =>
      `${title} may bring ${workloadName(workload)} to ${describe(at)}, which is refused: ${message}`,
  );
}

/** `4`, or `prefill 0, decode 2`. */
function describe({ replicas, roles }: Counts): string {
  const ofRoles = [...roles].map(([role, count]) => `${role} ${count}`);
  return (replicas === null ? ofRoles : [String(replicas), ...ofRoles]).join(', ');
}
