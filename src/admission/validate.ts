import type { Config } from '../config/config.ts';
import { isExempt } from '../config/modes.ts';
import { ORDERING, ROLE_RATIO } from '../domain/fleet/annotations.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import { describeSilence, isSilent } from '../domain/fleet/silence.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { countChanges, isSameShape, withCounts } from '../domain/ordering/count-changes.ts';
import { type Counts, NOTHING_KNOWN } from '../domain/ordering/facts.ts';
import { type Finding, judge } from '../domain/ordering/verdict.ts';
import { autoscalerOfResource } from '../workloads/autoscaling/registry.ts';
import { ratioOf } from '../workloads/declared-ratio.ts';
import { type Gathered, gatherFacts } from '../workloads/facts.ts';
import { adapterOfResource } from '../workloads/registry.ts';
import { scaleRequests } from '../workloads/scale-requests.ts';
import { type ChangeReading, readChange } from './change-reading.ts';
import { warnOfReach } from './reach.ts';
import { allowed, type Decision, denied } from './response.ts';
import { type AdmissionRequest, resourceName } from './review.ts';
import { limitsOf, modesOf, softened } from './rule-settings.ts';
import { throughTarget } from './scaled-target.ts';
import type { Steering } from './steering.ts';
import { NOTHING, type SteeringReport } from './steering-report.ts';
import { unreadAnnotations } from './unread-annotations.ts';

/** The verdict on one review, with what is needed to steer the change if it is admitted. */
export interface Verdict {
  readonly decision: Decision;
  /** What steering is to look at, whether or not it changes a count; null where it is refused, or was not judged. */
  readonly change: { readonly old: Workload; readonly next: Workload } | null;
  /** Whether what another object asks for had a part in it, which the fleet may not show yet. */
  readonly restsOnOthers: boolean;
}

/** When a snapshot is read. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds, as Fleet has it. */
  readonly staleness: number | null;
}

/**
 * Judges a change of replicas on the object or on its /scale, and the bounds of autoscalers. No side effects. A
 * snapshot that is too stale refuses nothing: what was looked up in it is only warned of.
 */
export function validate(request: AdmissionRequest, snapshot: Snapshot, config: Config, moment: Moment): Verdict {
  if (isExempt(request.namespace, snapshot, config)) return pass();
  const autoscaler = autoscalerOfResource(request.group, request.resource);
  if (autoscaler !== undefined) {
    return { ...pass(), decision: warnOfReach(autoscaler, request, snapshot, config, moment.staleness) };
  }
  const adapter = adapterOfResource(request.group, request.resource);
  if (adapter === undefined) return pass(`packdown does not know ${resourceName(request)}; allowed without a look`);
  if (request.operation !== 'UPDATE' || (request.subResource !== '' && request.subResource !== 'scale')) return pass();
  if (request.object === null || request.oldObject === null) {
    return pass('the review holds no object and oldObject to compare; allowed');
  }
  const reading = readChange(adapter, request, request.oldObject, request.object, snapshot);
  return judgeChange(reading, snapshot, config, moment);
}

/** What `validate` would decide of an update that changes these counts and nothing else, were it sent now. */
export function validateCounts(
  old: Workload,
  counts: Counts,
  snapshot: Snapshot,
  config: Config,
  now: number,
): Decision {
  if (isExempt(old.namespace, snapshot, config)) return allowed();
  const next = { ...withCounts(old, counts), isUncounted: false };
  const reading = { old, next, rollout: false, isLookedUp: true, list: null, warnings: [] };
  return judgeChange(reading, snapshot, config, { now, staleness: 0 }).decision;
}

/**
 * Judges a review and, when it is admitted and no dry run, steers it. What is refused for another object's sake is
 * judged a second time once the watches have had time to catch up: a controller may have seen what its object asks for
 * a moment before packdown does. A promise only where something is waited for.
 */
export function validateAndSteer(
  request: AdmissionRequest,
  fleet: Pick<Fleet, 'snapshot' | 'staleness'>,
  config: Config,
  steering: Steering,
): Decision | Promise<Decision> {
  const look = () => validate(request, fleet.snapshot(), config, { now: steering.now(), staleness: fleet.staleness() });
  const begin = steering.now();
  const first = look();
  const isJudgedAgain = !first.decision.allowed && first.restsOnOthers;
  const steer = (verdict: Verdict) => steerAdmitted(verdict, request, steering.now() - begin, steering);
  return isJudgedAgain ? steering.catchUp().then(look).then(steer) : steer(first);
}

/** `waited`: milliseconds that have gone by since the review came. */
function steerAdmitted(
  { decision, change }: Verdict,
  { dryRun, patience }: AdmissionRequest,
  waited: number,
  steering: Steering,
): Decision | Promise<Decision> {
  if (change === null || dryRun) return decision;
  const report = steering.steer(change.old, change.next, patience - waited);
  return report instanceof Promise ? report.then((late) => withReport(decision, late)) : withReport(decision, report);
}

function withReport(decision: Decision, report: SteeringReport): Decision {
  if (report === NOTHING) return decision;
  const { warnings, audit } = report;
  return { ...decision, warnings: [...decision.warnings, ...warnings], audit };
}

function judgeChange(asked: ChangeReading, snapshot: Snapshot, config: Config, { now, staleness }: Moment): Verdict {
  const reading = throughTarget(asked, snapshot);
  const { old, next, rollout } = reading;
  const isAsked = countChanges(old, next).length > 0 || reading.list !== null;
  const isStale = isSilent(staleness) && isAsked;
  const isScaler = asked.next.target !== undefined;
  const gathered = gather(reading, snapshot, config, now);
  // A scaler is who asks: it has nobody's number to follow.
  const facts = isScaler ? { ...gathered.facts, owner: null } : gathered.facts;
  const ratio = ratioOf(next, snapshot);
  const modes = modesOf(next, snapshot, config);
  const { allowed: isAllowed, findings } = judge(
    { old, next, rollout, ratio: ratio.ratio, ...limitsOf(config), facts },
    isStale ? softened(modes.modeOf, reading.isLookedUp, ratio.isLookedUp) : modes.modeOf,
  );
  const warnings = [
    ...reading.warnings,
    ...(isStale ? [`${describeSilence(staleness)}: nothing is refused by what it says`] : []),
    ...gathered.warnings,
    // Not at every update of a label.
    ...(isAsked || isAnnotatedAnew(old, next) ? [...ratio.warnings, ...modes.warnings] : []),
    ...messagesOf(findings, 'warn'),
    ...(isAllowed && isLowered(asked) ? unreadAnnotations(asked.next, snapshot, config) : []),
  ];
  const decision = isAllowed ? allowed(warnings) : denied(messagesOf(findings, 'enforce').join('; '), warnings);
  const isScaled = isScaler || facts.scalers.size > 0;
  return {
    decision: { ...decision, findings, doubt: isStale ? 'stale' : null },
    change: isAllowed ? { old: asked.old, next: asked.next } : null,
    restsOnOthers: facts.owner !== null || facts.memberOf !== null || ratio.isLookedUp || isScaled,
  };
}

function messagesOf(findings: readonly Finding[], wanted: Finding['mode']): readonly string[] {
  return findings.filter(({ mode }) => mode === wanted).map(({ message }) => message);
}

function isLowered({ old, next }: ChangeReading): boolean {
  return scaleRequests(old, next).some(({ from, to }) => to < from);
}

/** Whether what it says of rules is new. */
function isAnnotatedAnew(old: Workload, next: Workload): boolean {
  return [ROLE_RATIO, ORDERING].some((name) => old.annotations[name] !== next.annotations[name]);
}

/** Most updates change no count, and nothing needs to be known of them. */
function gather({ old, next, list }: ChangeReading, snapshot: Snapshot, config: Config, now: number): Gathered {
  if (isSameShape(old, next) && list === null) return { facts: NOTHING_KNOWN, warnings: [] };
  return gatherFacts(old, next, list, snapshot, now, config.resourceScalingGroup);
}

function pass(...warnings: readonly string[]): Verdict {
  return { decision: allowed(warnings), change: null, restsOnOthers: false };
}
