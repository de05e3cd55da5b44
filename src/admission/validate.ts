import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/modes.ts';
import { CodedError } from '../domain/coded-error.ts';
import { ORDERING, ROLE_RATIO } from '../domain/fleet/annotations.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import { describeSilence, isSilent } from '../domain/fleet/silence.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadId, workloadName } from '../domain/fleet/workload.ts';
import { countChanges } from '../domain/ordering/count-changes.ts';
import { parseRoleRatio, type RoleRatio } from '../domain/ordering/role-ratio.ts';
import type { Rule, RuleMode } from '../domain/ordering/rule.ts';
import { parseRuleModes } from '../domain/ordering/rule-modes.ts';
import { saneCounts } from '../domain/ordering/sane-counts.ts';
import { judge } from '../domain/ordering/verdict.ts';
import type { WorkloadAdapter } from '../workloads/adapter.ts';
import { countOf, isObject, type JsonObject, objectAt } from '../workloads/core/json.ts';
import { readMetadata } from '../workloads/core/metadata.ts';
import { adapterOfKind, adapterOfResource, groupOf } from '../workloads/registry.ts';
import { allowed, type Decision, denied } from './response.ts';
import { type AdmissionRequest, resourceName } from './review.ts';
import type { Steering } from './steering.ts';

/** The verdict on one review, with what is needed to steer the change if it is admitted. */
export interface Verdict {
  readonly decision: Decision;
  /** Null when there is nothing to steer: refused, exempt, unknown, or no change of replicas. */
  readonly change: { readonly old: Workload; readonly next: Workload } | null;
}

/**
 * Judges a change of replicas on the object or on its /scale. No side effects. A snapshot that is too stale, in
 * milliseconds as Fleet has it, refuses nothing: what was looked up in it is only warned of.
 */
export function validate(
  request: AdmissionRequest,
  snapshot: Snapshot,
  config: Config,
  staleness: number | null = 0,
): Verdict {
  if (isExempt(request.namespace, snapshot, config)) return pass();
  const adapter = adapterOfResource(request.group, request.resource);
  if (adapter === undefined) return pass(`packdown does not know ${resourceName(request)}; allowed without a look`);
  if (request.operation !== 'UPDATE' || (request.subResource !== '' && request.subResource !== 'scale')) return pass();
  if (request.object === null || request.oldObject === null) {
    return pass('the review holds no object and oldObject to compare; allowed');
  }
  const reading = readChange(adapter, request, request.oldObject, request.object, snapshot);
  return judgeChange(reading, config, staleness);
}

/** Judges a review and, when it is admitted and no dry run, steers it. */
export async function validateAndSteer(
  request: AdmissionRequest,
  fleet: Pick<Fleet, 'snapshot' | 'staleness'>,
  config: Config,
  steering: Steering,
): Promise<Decision> {
  const { decision, change } = validate(request, fleet.snapshot(), config, fleet.staleness());
  if (change === null || request.dryRun) return decision;
  const { warnings, audit } = await steering.steer(change.old, change.next);
  return { ...decision, warnings: [...decision.warnings, ...warnings], audit };
}

interface ChangeReading {
  readonly old: Workload;
  readonly next: Workload;
  readonly rollout: boolean;
  /** Whether more than the count is what the fleet says, not the review. */
  readonly isLookedUp: boolean;
  readonly warnings: readonly string[];
}

function readChange(
  adapter: WorkloadAdapter,
  request: AdmissionRequest,
  oldObject: JsonObject,
  object: JsonObject,
  snapshot: Snapshot,
): ChangeReading {
  const { group, kind } = adapter;
  const { namespace, name } = request;
  const key = { group, kind, namespace, name };
  const given = readMetadata(oldObject).uid;
  const uid = given || workloadId(key);
  if (request.subResource === '') {
    if (!isObject(oldObject.spec) || !isObject(object.spec)) throw new CodedError('MalformedObject', 'spec is missing');
    const rollout = !isDeepStrictEqual(adapter.template(oldObject), adapter.template(object));
    const old = { ...adapter.read(oldObject), ...key, uid };
    return { old, next: { ...adapter.read(object), ...key, uid }, rollout, isLookedUp: false, warnings: [] };
  }
  const known = snapshot.workload(key);
  const isKnown = known !== undefined && (given === '' || known.uid === given);
  // Only the Scale itself is known then: rules that need no more are still judged.
  const parent = isKnown ? known : { ...adapter.read({}), ...key, uid };
  const warnings = isKnown ? [] : [`${workloadName(key)} is not in the fleet (yet): only its count was checked`];
  return {
    old: { ...parent, uid, replicas: scaleOf(oldObject) },
    next: { ...parent, uid, replicas: scaleOf(object) },
    rollout: false,
    isLookedUp: isKnown,
    warnings,
  };
}

/** A Scale to zero arrives as `"spec":{}`. */
function scaleOf(scale: JsonObject): number {
  return countOf(objectAt(scale, 'spec').replicas, 0);
}

function judgeChange(reading: ChangeReading, config: Config, staleness: number | null): Verdict {
  const { old, next, rollout, isLookedUp } = reading;
  const isDoubtful = isSilent(staleness) && countChanges(old, next).length > 0;
  const doubt = isDoubtful ? 'stale' : null;
  // What a workload's own controller writes carries out a change that was judged above it.
  const { owner } = next;
  if (owner !== null && adapterOfKind(groupOf(owner.apiVersion), owner.kind) !== undefined) {
    return { decision: { ...allowed(), doubt }, change: { old, next } };
  }
  const ratio = ratioOf(next);
  const modes = modesOf(next, config);
  const { allowed: isAllowed, findings } = judge(
    { old, next, rollout, ratio: ratio.ratio, maxReplicas: config.limits.maxReplicas },
    isDoubtful && isLookedUp ? softened(modes.modeOf) : modes.modeOf,
  );
  const notes = isDoubtful
    ? [...reading.warnings, `${describeSilence(staleness)}: nothing is refused by what it says`]
    : reading.warnings;
  const warned = findings.filter(({ mode }) => mode === 'warn').map(({ message }) => message);
  const warnings = [...notes, ...ratio.warnings, ...modes.warnings, ...warned];
  if (isAllowed) return { decision: { ...allowed(warnings), findings, doubt }, change: { old, next } };
  const refusals = findings.filter(({ mode }) => mode === 'enforce').map(({ message }) => message);
  return { decision: { ...denied(refusals.join('; '), warnings), findings, doubt }, change: null };
}

/** Of what needs the looked-up object, nothing refuses; a count that makes no sense does so by itself. */
function softened(modeOf: (rule: Rule) => RuleMode): (rule: Rule) => RuleMode {
  return (rule) => {
    const mode = modeOf(rule);
    return mode === 'enforce' && rule !== saneCounts ? 'warn' : mode;
  };
}

function ratioOf({ annotations }: Workload): { ratio: RoleRatio | null; warnings: readonly string[] } {
  const text = annotations[ROLE_RATIO];
  if (text === undefined) return { ratio: null, warnings: [] };
  try {
    return { ratio: parseRoleRatio(text), warnings: [] };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { ratio: null, warnings: [error.message] };
  }
}

function modesOf(
  { annotations }: Workload,
  config: Config,
): { modeOf: (rule: Rule) => RuleMode; warnings: readonly string[] } {
  const text = annotations[ORDERING];
  const configured = (rule: Rule) => config.rules[rule.name] ?? rule.mode;
  if (text === undefined) return { modeOf: configured, warnings: [] };
  if (!config.allowOverrides) {
    return { modeOf: configured, warnings: [`${ORDERING} is set, but the configuration allows no overrides`] };
  }
  const { modes, unknown } = parseRuleModes(text);
  const warnings = unknown.map((part) => `${ORDERING} holds ${part}, which is no rule=enforce|warn|off`);
  return { modeOf: (rule) => modes.get(rule.name) ?? configured(rule), warnings };
}

function pass(...warnings: readonly string[]): Verdict {
  return { decision: allowed(warnings), change: null };
}
