import type { Config } from '../config/config.ts';
import { milliseconds } from '../config/duration.ts';
import { modeOf } from '../config/modes.ts';
import { outlookOf } from '../config/outlook.ts';
import { scalingOptions } from '../config/scaling-options.ts';
import { messageOf } from '../domain/coded-error.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import { describeSilence, isSilent } from '../domain/fleet/silence.ts';
import type { TargetSetStore } from '../domain/fleet/target-set.ts';
import { type Workload, workloadId, workloadName } from '../domain/fleet/workload.ts';
import { choose } from '../domain/planner/choose.ts';
import type { Solve } from '../domain/planner/solve.ts';
import { type Rate, RateLimit } from '../domain/rate-limit.ts';
import { completePlan } from '../domain/victims/complete-plan.ts';
import type { OpenPlan, Victim } from '../domain/victims/plan.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';
import type { SeenLow } from '../workloads/floors.ts';
import { adapterOf } from '../workloads/registry.ts';
import { scaleRequests } from '../workloads/scale-requests.ts';
import { openScaling, type ScalingPlan } from '../workloads/scaling.ts';
import { toldAbove } from '../workloads/told-above.ts';
import { AdmittedCounts } from './admitted-counts.ts';
import { carriedOut } from './carried-out.ts';
import { disagreement } from './disagreement.ts';
import { Settling } from './settling.ts';
import type { Steered } from './steered.ts';
import { NOTHING, note, reportVictims, type SteeringReport, warn } from './steering-report.ts';
import { Turns } from './turns.ts';

export interface SteeringOptions {
  readonly fleet: Fleet;
  readonly config: Config;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Whether callers show a client certificate; writes for those who do not are limited, workload by workload. */
  readonly provenCallers?: boolean;
  /** Where large problems are solved; here and now if nothing is told. */
  readonly solve?: Solve;
  /** Told of every scale-down that is looked at, just before it is answered. */
  readonly onSteered?: (steered: Steered) => void;
  /** Where the nodes are that planning goes on freeing. */
  readonly targetSet?: Pick<TargetSetStore, 'current'>;
  /** How far workloads have shrunk on the days before. */
  readonly seenLow?: SeenLow;
}

/** The part of the time that a caller waits that may go by here: the rest is for the way there and back. */
const CALLER_SHARE = 9 / 10;
/** The part of what is left of the budget that the planner may take: the rest is for the writes. */
const PLANNING_SHARE = 1 / 2;

/**
 * How often one workload may be steered by callers who have not shown who they are. HPA changes a workload every 15 s
 * at most, and one that is marked already is steered again without a write, which does not count: ten at once leave
 * room for people, and one more every 6 s holds whoever forges reviews to ten plans a minute.
 */
const UNPROVEN_CALLERS: Rate = { atOnce: 10, oneMoreEvery: 6_000 };

/** What one review asks to be steered. */
interface Asked {
  readonly old: Workload;
  readonly next: Workload;
  readonly changes: readonly ScaleRequest[];
  /** Those of the changes that lower a count. */
  readonly shrinking: readonly ScaleRequest[];
  readonly mode: Steered['mode'];
  /** When it was asked for, and when it has to be answered, in milliseconds since the epoch. */
  readonly begin: number;
  readonly deadline: number;
}

/** What came of it. */
interface Result {
  readonly report: SteeringReport;
  readonly outcome: Steered['outcome'];
  readonly plan?: ScalingPlan;
  readonly hasWritten?: boolean;
}

/**
 * Steers scale-downs that have been admitted: plans the victims, writes their costs, and waits until they are seen,
 * within the budget. Different workloads at the same time, each seeing what the others have decided; those of one
 * workload one after another.
 */
export class Steering {
  readonly #options: SteeringOptions;
  readonly #admitted: AdmittedCounts;
  readonly #limit = new RateLimit(UNPROVEN_CALLERS);
  readonly #turns = new Turns();
  /** By the workload's uid, what has been decided but is not marked yet. */
  readonly #underWay = new Map<string, readonly Victim[]>();
  readonly #settling: Settling;

  constructor(options: SteeringOptions) {
    this.#options = options;
    this.#admitted = new AdmittedCounts(milliseconds(options.config.steering.takeBack), options.now);
    this.#settling = new Settling(options.wait);
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#options.now();
  }

  /** Resolves when what the apiserver has told others should have been told us as well, or the budget is over. */
  async catchUp(): Promise<void> {
    const { config, wait } = this.#options;
    const { settle, budget } = config.steering;
    await wait(Math.min(milliseconds(settle), milliseconds(budget)));
  }

  /**
   * `old` and `next` are what the review says; nothing is written unless the fleet agrees with `old`, nor once the
   * caller, who waits for `patience` milliseconds, may have gone. A promise only where something is waited for.
   */
  steer(old: Workload, next: Workload, patience = Number.POSITIVE_INFINITY): SteeringReport | Promise<SteeringReport> {
    const { fleet, config, now } = this.#options;
    const begin = now();
    const changes = scaleRequests(old, next);
    const mode = modeOf(next, fleet.snapshot(), config);
    if (changes.length === 0 || mode === 'off') return NOTHING;
    const shrinking = changes.filter(({ from, to }) => to < from);
    // Growth has nothing to write, and waits only for a scale-down of the same workload that is under way.
    if (shrinking.length === 0 && this.#turns.isFree(old.uid)) {
      this.#admit(old, changes);
      return NOTHING;
    }
    const deadline = begin + Math.min(milliseconds(config.steering.budget), patience * CALLER_SHARE);
    return this.#inTurn({ old, next, changes, shrinking, mode, begin, deadline });
  }

  async #inTurn(asked: Asked): Promise<SteeringReport> {
    const { config, now, onSteered } = this.#options;
    const { next, shrinking, mode, begin, deadline } = asked;
    const { uid } = asked.old;
    const tell = (told: Pick<Steered, 'outcome' | 'plan' | 'says'>) => {
      if (shrinking.length === 0) return;
      onSteered?.({ workload: next, changes: shrinking, mode, milliseconds: now() - begin, ...told });
    };
    try {
      const result = await this.#turns.take(uid, () => this.#steerNow(asked));
      if (result === null) return NOTHING;
      // Not within the turn: the next one sees these costs already, and its own budget is running. Whoever scales the
      // same workload in the meantime waits as well: it may find everything written.
      const settle = Math.min(milliseconds(config.steering.settle), deadline - now());
      if (result.hasWritten === true) this.#settling.begin(uid, settle);
      await this.#settling.over(uid);
      tell({ outcome: result.outcome, plan: result.plan ?? null, says: result.report.says });
      return result.report;
    } catch (error) {
      const problem = messageOf(error);
      tell({ outcome: 'failed', plan: null, says: [`steering failed: ${problem}`] });
      throw error;
    }
  }

  /** Null where nothing is to be steered. */
  async #steerNow(asked: Asked): Promise<Result | null> {
    const { old, next, changes, shrinking } = asked;
    const staleness = this.#options.fleet.staleness();
    if (shrinking.length > 0 && isSilent(staleness))
      return { report: warn(`${describeSilence(staleness)}; nothing was steered`), outcome: 'stale' };
    const problem = this.#admit(old, changes);
    if (shrinking.length === 0) return null;
    if (problem !== null) return problem;
    const snapshot = this.#options.fleet.snapshot();
    const deferred = adapterOf(next).defers?.(old, next, snapshot) ?? toldAbove(next, snapshot);
    if (deferred !== null) return { report: note(deferred), outcome: 'deferred' };
    // Groups first: which roles are left to shrink is known only once the groups are gone.
    const groups = shrinking.filter(({ role }) => role === null);
    try {
      return await this.#carryOut(groups.length > 0 ? groups : shrinking, asked);
    } finally {
      this.#underWay.delete(old.uid);
    }
  }

  /** Null where the fleet agrees with the change, whose counts are then known. */
  #admit(old: Workload, changes: readonly ScaleRequest[]): Result | null {
    const problem = disagreement(old, changes, this.#options.fleet.snapshot(), this.#admitted);
    if (problem !== null) return { report: warn(`${problem}; nothing was steered`), outcome: 'disagreement' };
    for (const request of changes) this.#admitted.admit(request);
    return null;
  }

  async #carryOut(requests: readonly ScaleRequest[], { old, mode, deadline }: Asked): Promise<Result> {
    const { fleet, now, solve = atOnce } = this.#options;
    const plan = await completePlan(
      () => this.#look(requests, old.uid, mode),
      (problem) => solve(problem, (deadline - now()) * PLANNING_SHARE),
    );
    if (mode === 'observe') return { report: reportVictims(plan, 'would go', []), outcome: 'observed', plan };
    if (plan.writes.length > 0 && !this.#mayWrite(old)) {
      const report = warn(`${workloadName(old)} was steered too often; nothing was written`);
      return { report, outcome: 'limited', plan: carriedOut(plan, [], fleet.snapshot()).plan };
    }
    const outcomes = await fleet.write(plan.stages, deadline);
    const done = carriedOut(plan, outcomes, fleet.snapshot());
    const report = reportVictims(done.plan, 'will go', done.problems);
    return { report, outcome: done.outcome, plan: done.plan, hasWritten: outcomes.length > 0 };
  }

  /** Others see what a plan takes from the moment in which it is complete. */
  #look(requests: readonly ScaleRequest[], uid: string, mode: Steered['mode']): OpenPlan<ScalingPlan> {
    const { fleet, config, targetSet, now, seenLow } = this.#options;
    const decided = [...this.#underWay.values()].flat();
    const snapshot = fleet.snapshot();
    // A step towards what later ones free presumes that they are all carried out, of which none is that is only observed.
    const foresight = mode === 'steer' && {
      targetSet: targetSet?.current()?.nodes ?? [],
      outlookOf: outlookOf(snapshot, config, seenLow),
    };
    const options = { ...scalingOptions(config), ...foresight };
    const open = openScaling({ requests, snapshot, options, now: now(), decided });
    const complete = (removed: readonly number[]) => {
      const plan = open.complete(removed);
      if (mode === 'steer') this.#underWay.set(uid, plan.victims);
      return plan;
    };
    return { ...open, complete };
  }

  #mayWrite(workload: Workload): boolean {
    const { provenCallers = false, now } = this.#options;
    return provenCallers || this.#limit.take(workloadId(workload), now());
  }
}

const atOnce: Solve = choose;
