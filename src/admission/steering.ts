import { binpackWeights, type Config, milliseconds } from '../config/config.ts';
import type { Fleet, WriteOutcome } from '../domain/fleet/fleet.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadId, workloadName } from '../domain/fleet/workload.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';
import { adapterOf } from '../workloads/registry.ts';
import { planScaling, type ScalingOptions, type ScalingPlan, scaleRequests } from '../workloads/scaling.ts';
import { AdmittedCounts } from './admitted-counts.ts';
import { modeFor } from './exemptions.ts';
import { RateLimit, UNPROVEN_CALLERS } from './rate-limit.ts';

/** What steering has to say about an admitted change, for the response. */
export interface SteeringReport {
  readonly warnings: readonly string[];
  readonly audit: Readonly<Record<string, string>>;
}

export interface SteeringOptions {
  readonly fleet: Fleet;
  readonly config: Config;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Whether callers show a client certificate; writes for those who do not are limited, workload by workload. */
  readonly provenCallers?: boolean;
}

interface Turn extends SteeringReport {
  readonly hasWritten?: boolean;
}

const NOTHING: SteeringReport = { warnings: [], audit: {} };

/**
 * Steers scale-downs that have been admitted: plans the victims, writes their costs, and waits until they are seen,
 * within the budget. One at a time, so that each sees what the one before has marked.
 */
export class Steering {
  readonly #options: SteeringOptions;
  readonly #admitted: AdmittedCounts;
  readonly #limit = new RateLimit(UNPROVEN_CALLERS);
  #last: Promise<unknown> = Promise.resolve();
  /** By workload, until its controller should have seen what was written last. */
  readonly #settling = new Map<string, Promise<void>>();

  constructor(options: SteeringOptions) {
    this.#options = options;
    this.#admitted = new AdmittedCounts(milliseconds(options.config.steering.takeBack), options.now);
  }

  /** `old` and `next` are what the review says; nothing is written unless the fleet agrees with `old`. */
  async steer(old: Workload, next: Workload): Promise<SteeringReport> {
    const deadline = this.#options.now() + milliseconds(this.#options.config.steering.budget);
    const turn = this.#last.then(() => this.#steerNow(old, next, deadline));
    this.#last = turn.catch(() => undefined);
    const { hasWritten = false, ...said } = await turn;
    // Not within the turn: the next one sees these costs already, and its own budget is running.
    if (hasWritten) this.#settle(old, deadline);
    await this.#settling.get(workloadId(old));
    return said;
  }

  async #steerNow(old: Workload, next: Workload, deadline: number): Promise<Turn> {
    const { fleet, config, now } = this.#options;
    const snapshot = fleet.snapshot();
    const changes = scaleRequests(old, next);
    const mode = modeFor(next, snapshot, config);
    if (changes.length === 0 || mode === 'off') return NOTHING;
    const disagreement = this.#disagreement(old, snapshot, changes);
    if (disagreement !== null) return warn(`${disagreement}; nothing was steered`);
    for (const change of changes) this.#admitted.admit(change);

    const shrinking = changes.filter(({ from, to }) => to < from);
    if (shrinking.length === 0) return NOTHING;
    const deferred = adapterOf(next).defers?.(old, next) ?? null;
    if (deferred !== null) return { warnings: [], audit: { steering: deferred } };
    // Groups first: which roles are left to shrink is known only once the groups are gone.
    const groups = shrinking.filter(({ role }) => role === null);
    const plan = planScaling(groups.length > 0 ? groups : shrinking, snapshot, scalingOptions(config), now());
    if (mode === 'observe') return report(plan, 'would go', []);
    if (plan.writes.length > 0 && !this.#mayWrite(old)) {
      return warn(`${workloadName(old)} was steered too often; nothing was written`);
    }
    const outcomes = await fleet.write(plan.stages, deadline);
    return { ...report(plan, 'will go', shortfalls(plan, outcomes)), hasWritten: outcomes.length > 0 };
  }

  /** Forged, stale and half-seen reviews are told by their uid and their old counts. */
  #disagreement(old: Workload, snapshot: Snapshot, changes: readonly ScaleRequest[]): string | null {
    const known = snapshot.workload(old);
    if (known === undefined) return `${workloadName(old)} is not in the fleet`;
    if (known.uid !== old.uid) return `${workloadName(old)} has another uid in the fleet`;
    for (const { role, from } of changes) {
      const count = role === null ? known.replicas : known.roles.find(({ name }) => name === role)?.replicas;
      if (count !== from && !this.#admitted.includes(workloadId(old), role, from)) {
        return `${workloadName(old)}${role === null ? '' : `:${role}`} has ${count} replicas in the fleet, not ${from}`;
      }
    }
    return null;
  }

  #mayWrite(workload: Workload): boolean {
    const { provenCallers = false, now } = this.#options;
    return provenCallers || this.#limit.take(workloadId(workload), now());
  }

  /** Whoever scales the same workload in the meantime waits as well: it may find everything written. */
  #settle(workload: Workload, deadline: number): void {
    const { config, now, wait } = this.#options;
    const pause = Math.min(milliseconds(config.steering.settle), deadline - now());
    if (pause <= 0) return;
    const id = workloadId(workload);
    const settling = wait(pause).finally(() => {
      if (this.#settling.get(id) === settling) this.#settling.delete(id);
    });
    this.#settling.set(id, settling);
  }
}

/** What of the configuration planning reads. */
export function scalingOptions(config: Config): ScalingOptions {
  return { policy: config.policy, binpack: binpackWeights(config), nodeWeights: config.nodeWeights };
}

function shortfalls(plan: ScalingPlan, outcomes: readonly WriteOutcome[]): readonly string[] {
  const failed = outcomes.filter((outcome) => outcome === 'stale' || outcome === 'failed').length;
  const unsent = plan.writes.length - outcomes.length;
  const warnings: string[] = [];
  if (failed > 0) warnings.push(`${failed} of ${plan.writes.length} costs could not be written: others may go instead`);
  if (unsent > 0)
    warnings.push(`${unsent} of ${plan.writes.length} costs were not sent within the budget: others may go instead`);
  return warnings;
}

function report(plan: ScalingPlan, verb: string, problems: readonly string[]): SteeringReport {
  const victims = plan.victims.map(({ candidate }) =>
    candidate.role === null ? candidate.name : `${candidate.group}/${candidate.name}`,
  );
  const freed = plan.nodesFreed.map(({ name }) => name);
  const frees = freed.length === 0 ? '' : `, which frees ${abridge(freed)}`;
  const headline = victims.length === 0 ? [] : [`packdown: ${abridge(victims)} ${verb}${frees}`];
  return {
    warnings: [...headline, ...[...plan.warnings, ...problems].map((problem) => `packdown: ${problem}`)],
    audit: {
      ...(victims.length === 0 ? {} : { victims: victims.join(',') }),
      ...(freed.length === 0 ? {} : { 'nodes-freed': freed.join(',') }),
    },
  };
}

/** Warnings are for people and best kept under 120 characters; the audit annotation has the whole list. */
function abridge(names: readonly string[]): string {
  const shown = 3;
  return names.length <= shown
    ? names.join(', ')
    : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
}

function warn(problem: string): SteeringReport {
  return { warnings: [`packdown: ${problem}`], audit: {} };
}
