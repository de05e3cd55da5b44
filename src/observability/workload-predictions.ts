import type { Steered } from '../admission/steered.ts';
import { markedUnit, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { WorkloadKey } from '../domain/fleet/workload.ts';
import { countOf } from '../domain/ordering/count-changes.ts';
import { templateRevisionOf } from '../workloads/template-revision.ts';
import { sizeOf, type Units } from './expectation.ts';

/** What is kept in mind of a scale-down. Not its plan, which holds on to all that was weighed for it. */
export interface Predicted extends Pick<Steered, 'mode'> {
  readonly workload: WorkloadKey & { readonly uid: string };
  /** Down to which counts, of a role or (null) of the workload itself. */
  readonly counts: ReadonlyMap<string | null, number>;
  /** Of the workload as the fleet had it before; undefined where it has none. */
  readonly generation: number | undefined;
  /** The names of the nodes that it was to free. */
  readonly nodesFreed: readonly string[];
}

/** What is told of a scale-down that was predicted, once it is known what went. */
export interface Settled {
  readonly predicted: Predicted;
  /**
   * `wrong`: something else went, instead or besides. `nothing`: nothing went, for the change was reverted, or refused
   * elsewhere.
   */
  readonly outcome: 'right' | 'wrong' | 'nothing';
  readonly expected: readonly string[];
  readonly went: Units;
  /** Whether as much went as was expected. */
  readonly complete: boolean;
}

/** A scale-down that takes what none before it was to take. */
interface Foreseen {
  readonly predicted: Predicted;
  readonly going: Units;
  /** How many of these go: all, but where some are equal to their controller. */
  readonly count: number;
  readonly staying: Units;
  /** When what has not gone is not expected to go any more. */
  readonly deadline: number;
}

interface Prediction extends Foreseen {
  /** With what an earlier scale-down was to take and has not taken. */
  readonly going: Map<string, readonly Pod[]>;
  deadline: number;
  /** Once all that it takes is gone: until when it is watched still. */
  watchedUntil: number | null;
  /** Whether its workload was changed again since, by whomever, or a count lowered further, be it only for a while. */
  isOvertaken: boolean;
}

/** Milliseconds in which a controller that hears of its deletions late may count again, and take too many. */
const AFTERMATH = 5000;

/**
 * The predictions of one workload that are not settled. A later scale-down extends the earlier ones: what any of them
 * expects falsifies none. Times are milliseconds since the epoch.
 */
export class WorkloadPredictions {
  #open: Prediction[] = [];
  /** The uids of pods whose going is explained already, be it by a wrong prediction. */
  readonly #explained = new Set<string>();
  /** The units that carried a mark when they were last whole: another replica of packdown may have steered since. */
  readonly #marked = new Set<string>();

  /** How many pods are kept in mind. */
  get size(): number {
    return this.#open.reduce((sum, { going, staying }) => sum + sizeOf(going) + sizeOf(staying), this.#explained.size);
  }

  get isEmpty(): boolean {
    return this.#open.length === 0;
  }

  get nextDeadline(): number {
    return Math.min(...this.#open.map(endOf));
  }

  /** What of some units no prediction expects to go, nor explains. */
  unforeseenOf(units: Units): Units {
    const foreseen = this.#foreseen();
    return new Map([...units].filter(([, pods]) => !pods.every(({ uid }) => foreseen.has(uid))));
  }

  /** What is open stays so until another moment. */
  prolong(deadline: number): void {
    for (const prediction of this.#open) prediction.deadline = deadline;
  }

  add(foreseen: Foreseen): void {
    this.#open.push({ ...foreseen, going: new Map(foreseen.going), watchedUntil: null, isOvertaken: false });
  }

  /** Settles what can be settled by what has gone until now. */
  check(snapshot: Snapshot, now: number): readonly Settled[] {
    for (const prediction of this.#open) this.#look(prediction, snapshot);
    const settled = this.#open.flatMap((prediction) => this.#settle(prediction, snapshot, now));
    if (settled.length > 0) this.#forget();
    return settled;
  }

  /**
   * Keeps in mind what may not be seen any more when it is asked for: marks vanish with their pods, and counts go up
   * again.
   */
  #look(prediction: Prediction, snapshot: Snapshot): void {
    prediction.isOvertaken ||= isChangedAgain(prediction.predicted, snapshot);
    for (const [unit, pods] of prediction.staying) {
      const there = thereIn(snapshot, pods);
      if (isMarkedIn(there, unit)) this.#marked.add(unit);
      else if (there.length === pods.length) this.#marked.delete(unit);
      // Nobody chose it, and what is left of its unit goes to be made anew.
      if (there.some(({ evicted }) => evicted)) for (const { uid } of pods) this.#explained.add(uid);
    }
  }

  /**
   * Wrong as soon as it is known to be; right only when all that went is gone and nothing followed: a controller counts
   * again with each pod that vanishes.
   */
  #settle(prediction: Prediction, snapshot: Snapshot, now: number): readonly Settled[] {
    const { predicted, count, going } = prediction;
    const right = gone(going, snapshot);
    const missing = Math.max(0, count - right.length);
    const others = this.#unforeseen(prediction, snapshot);
    const isRolled = rolledAmong([...podsOf(going), ...podsOf(prediction.staying)]);
    const wrong = this.#isLast(prediction, snapshot)
      ? others.filter(([, pods], place) => place < missing || !pods.some(isRolled))
      : others.slice(0, missing);
    const complete = right.length + wrong.length >= count;
    const went = new Map([...right, ...wrong]);
    if (complete && wrong.length === 0) prediction.watchedUntil ??= isVanished(went, snapshot) ? now + AFTERMATH : null;
    if (now < endOf(prediction) && !(complete && wrong.length > 0)) return [];
    this.#close(prediction, went);
    const outcome = wrong.length > 0 ? 'wrong' : right.length > 0 ? 'right' : 'nothing';
    return [{ predicted, outcome, expected: [...going.keys()], went, complete }];
  }

  /** Whether no later scale-down, nor one that still misses something, can be why more goes. */
  #isLast(prediction: Prediction, snapshot: Snapshot): boolean {
    const lacks = (other: Prediction) => gone(other.going, snapshot).length < other.count;
    return !prediction.isOvertaken && !this.#open.some((other) => other !== prediction && lacks(other));
  }

  /** What went of all that was to stay, and no other prediction or mark accounts for. */
  #unforeseen({ staying, predicted }: Prediction, snapshot: Snapshot): readonly [string, readonly Pod[]][] {
    // With a workload goes all that it has, and with one that is deleted in the foreground before it.
    const current = snapshot.workload(predicted.workload);
    if (current?.uid !== predicted.workload.uid || current.deleting === true) return [];
    // The change was refused elsewhere, or reverted: what goes has other reasons.
    if (isGrownAgain(predicted, snapshot)) return [];
    const foreseen = this.#foreseen();
    return gone(staying, snapshot).filter(
      ([unit, pods]) => !this.#marked.has(unit) && !pods.every(({ uid }) => foreseen.has(uid)),
    );
  }

  #foreseen(): ReadonlySet<string> {
    return new Set([...this.#explained, ...this.#open.flatMap(({ going }) => podsOf(going).map(({ uid }) => uid))]);
  }

  /** What no open prediction expects to stay needs no explanation; some workload is never without an open one. */
  #forget(): void {
    const staying = this.#open.flatMap((prediction) => [...prediction.staying]);
    const units = new Set(staying.map(([unit]) => unit));
    const pods = new Set(staying.flatMap(([, ofUnit]) => ofUnit.map(({ uid }) => uid)));
    for (const unit of this.#marked) if (!units.has(unit)) this.#marked.delete(unit);
    for (const uid of this.#explained) if (!pods.has(uid)) this.#explained.delete(uid);
  }

  #close(prediction: Prediction, went: Units): void {
    this.#open = this.#open.filter((other) => other !== prediction);
    for (const { uid } of podsOf(went)) this.#explained.add(uid);
    // What it expected in vain is the first to go with the next scale-down.
    const [next] = this.#open;
    for (const [unit, pods] of prediction.going) if (!went.has(unit)) next?.going.set(unit, pods);
  }
}

/** Tells the pods of an older template than the newest of these: a rollout replaces them, whatever was scaled down. */
function rolledAmong(pods: readonly Pod[]): (pod: Pod) => boolean {
  const newest = pods.reduce<Pod | null>((a, b) => (a !== null && a.created >= b.created ? a : b), null);
  return (pod) => newest !== null && templateRevisionOf(pod) !== templateRevisionOf(newest);
}

function endOf({ deadline, watchedUntil }: Prediction): number {
  return Math.min(deadline, watchedUntil ?? deadline);
}

/** Whether no pod of it is there any more, not even on its way out. */
function isVanished(units: Units, snapshot: Snapshot): boolean {
  return podsOf(units).every((pod) => sameIn(snapshot, pod) === undefined);
}

function gone(units: Units, snapshot: Snapshot): readonly [string, readonly Pod[]][] {
  return [...units].filter(([, pods]) => pods.every((pod) => isGone(pod, snapshot)));
}

/** Gone or on its way out. */
function isGone(pod: Pod, snapshot: Snapshot): boolean {
  return sameIn(snapshot, pod)?.deleting ?? true;
}

/** The pod as it is now; a namesake is another pod. */
function sameIn(snapshot: Snapshot, { namespace, name, uid }: Pod): Pod | undefined {
  const pod = snapshot.pod(namespace, name);
  return pod?.uid === uid ? pod : undefined;
}

/** Those of the pods that are there still, as they are now. */
export function thereIn(snapshot: Snapshot, pods: readonly Pod[]): readonly Pod[] {
  return pods.flatMap((pod) => sameIn(snapshot, pod) ?? []);
}

/** Whether the unit is marked to go, or the group that it is part of: not every pod of it needs a mark. */
export function isMarkedIn(pods: readonly Pod[], unit: string): boolean {
  const marks = pods.map(markedUnit);
  return marks.some((mark) => mark !== null && (unit === mark || unit.startsWith(`${mark}/`)));
}

/** Whether the workload has more than the scale-down left it: it is to come still, never came, or was reverted. */
export function isGrownAgain({ workload, counts }: Predicted, snapshot: Snapshot): boolean {
  const current = snapshot.workload(workload);
  return current !== undefined && [...counts].some(([role, count]) => (countOf(current, role) ?? 0) > count);
}

/** Whether the workload was changed more than the scale-down changes it. */
function isChangedAgain({ workload, counts, generation }: Predicted, snapshot: Snapshot): boolean {
  const current = snapshot.workload(workload);
  const isLowered = [...counts].some(([role, count]) => ((current && countOf(current, role)) ?? 0) < count);
  return isLowered || (generation !== undefined && (current?.generation ?? 0) > generation + 1);
}

export function podsOf(units: Units): readonly Pod[] {
  return [...units.values()].flat();
}
