import type { Steered } from '../admission/steered.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { workloadId } from '../domain/fleet/workload.ts';
import type { AdapterOptions } from '../workloads/adapter.ts';
import type { ScalingPlan } from '../workloads/scaling.ts';
import { CounterfactualNodes } from './counterfactual-nodes.ts';
import { expectationOf, sizeOf, type Units } from './expectation.ts';
import { FreedNodes } from './freed-nodes.ts';
import {
  isMarkedIn,
  type Predicted,
  podsOf,
  type Settled,
  thereIn,
  WorkloadPredictions,
} from './workload-predictions.ts';

export interface PredictionsOptions {
  readonly fleet: Pick<Fleet, 'snapshot'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds after which what has not gone is not expected to go any more. */
  readonly patience: number;
  /** Pods kept in mind for all predictions together. */
  readonly mostPods: number;
  readonly adapterOptions: AdapterOptions;
  /** `wouldFree`: so many nodes more would be free if it had been steered, and not observed. */
  readonly onSettled: (settled: Settled, wouldFree: number) => void;
  /** A scale-down that is not followed, because too many are already. */
  readonly onUntracked: (steered: Steered) => void;
  /** So many nodes have become free by scale-downs that were predicted. */
  readonly onFreed: (nodes: number) => void;
}

/** Compares what scale-downs were to take with what their controllers took. */
export class Predictions {
  readonly #options: PredictionsOptions;
  readonly #byWorkload = new Map<string, WorkloadPredictions>();
  readonly #freed = new FreedNodes();
  readonly #counterfactual = new CounterfactualNodes();
  #checkedVersion = -1;

  constructor(options: PredictionsOptions) {
    this.#options = options;
  }

  /** To be told before the change is let through. Whether it takes anything that none before it was to take. */
  predict(steered: Steered): boolean {
    const { plan, workload } = steered;
    if (plan === null) return false;
    const { fleet, now, patience, mostPods, adapterOptions, onUntracked } = this.#options;
    const snapshot = fleet.snapshot();
    const { going, count, staying } = expectationOf(plan, isPlanned(steered), snapshot, now(), adapterOptions);
    const deadline = now() + patience;
    const id = workloadId(workload);
    const predictions = this.#byWorkload.get(id) ?? new WorkloadPredictions();
    this.#checkedVersion = -1;
    const fresh = predictions.unforeseenOf(going);
    if (fresh.size === 0) {
      // The same as before, reviewed again.
      predictions.prolong(deadline);
      this.#freed.prolong(podsOf(going), deadline);
      return false;
    }
    const others = staying();
    if (this.#size() + sizeOf(fresh) + sizeOf(others) > mostPods) {
      onUntracked(steered);
      return true;
    }
    predictions.add({
      predicted: predictedOf(steered, plan, snapshot),
      going: fresh,
      count: Math.min(count, fresh.size),
      staying: others,
      deadline,
    });
    this.#byWorkload.set(id, predictions);
    // What is on its way out already leaves its node without this scale-down.
    const leaving = podsOf(notToldElsewhere(fresh, plan, snapshot)).filter(({ deleting }) => !deleting);
    this.#freed.expect(leaving, snapshot, deadline);
    return true;
  }

  /** Looks at the fleet; to be called every second or so. */
  check(): void {
    const { fleet, now, patience, onSettled, onFreed } = this.#options;
    const snapshot = fleet.snapshot();
    const time = now();
    const isDue = [...this.#byWorkload.values()].some(({ nextDeadline }) => nextDeadline <= time);
    if (snapshot.version === this.#checkedVersion && !isDue && this.#freed.isEmpty) return;
    this.#checkedVersion = snapshot.version;
    this.#counterfactual.check(snapshot);
    let freed = this.#freed.check(snapshot, time);
    for (const [id, predictions] of this.#byWorkload) {
      for (const settled of predictions.check(snapshot, time)) {
        // Had fewer gone, less would have been freed than the plan says.
        const isComparable = settled.predicted.mode === 'observe' && settled.complete;
        const unexpected = unexpectedOf(settled);
        freed += this.#freed.leftBy(unexpected, snapshot);
        // Most are still on their way out.
        const leaving = thereIn(snapshot, unexpected).filter(({ evicted }) => evicted !== true);
        this.#freed.expect(leaving, snapshot, time + patience);
        onSettled(settled, isComparable ? this.#counterfactual.claim(settled.predicted, snapshot) : 0);
      }
      if (predictions.isEmpty) this.#byWorkload.delete(id);
    }
    onFreed(freed);
  }

  #size(): number {
    return [...this.#byWorkload.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

/** Without what was marked before this plan: the replica that marked it counts the nodes that it leaves. */
function notToldElsewhere(fresh: Units, { writes }: ScalingPlan, snapshot: Snapshot): Units {
  const ours = new Set(writes.flatMap(({ victim }) => victim ?? []));
  return new Map([...fresh].filter(([unit, pods]) => ours.has(unit) || !isMarkedIn(thereIn(snapshot, pods), unit)));
}

function unexpectedOf({ went, expected }: Settled): readonly Pod[] {
  return podsOf(new Map([...went].filter(([unit]) => !expected.includes(unit))));
}

function predictedOf({ workload, changes, mode }: Steered, { nodesFreed }: ScalingPlan, snapshot: Snapshot): Predicted {
  const { group, kind, namespace, name, uid } = workload;
  return {
    workload: { group, kind, namespace, name, uid },
    counts: new Map(changes.map(({ role, to }) => [role, to])),
    generation: snapshot.workload(workload)?.generation,
    mode,
    nodesFreed: nodesFreed.map(({ name }) => name),
  };
}

/** Whether what the plan says will go: not where packdown only observes, or could not write all costs. */
function isPlanned({ outcome }: Steered): boolean {
  return outcome === 'steered' || outcome === 'unchanged' || outcome === 'unsteerable';
}
