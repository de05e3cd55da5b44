import { namespacedName } from '../domain/fleet/namespaced-name.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadId } from '../domain/fleet/workload.ts';
import type { ConsolidationProblem } from '../domain/planner/problem.ts';
import type { Steps } from '../domain/steps.ts';
import { FleetProblem } from '../domain/victims/fleet-problem.ts';
import type { Pool, ScaleRequest } from '../domain/victims/pool.ts';
import { ownersOf } from './owners-above.ts';
import type { OutlookOf } from './prospect.ts';
import { adapterOf } from './registry.ts';
import { type ScalingOptions, selectionOptions } from './scaling.ts';

/** A count beyond this is a slip: nobody plans for it. */
const MOST = 100_000;

/** Where a fleet is going: all workloads at their floors, as one problem. */
export interface Forecast {
  /** Its budgets are what each pool loses on the way. */
  readonly problem: ConsolidationProblem;
  /** The names of its nodes. */
  readonly nodes: readonly string[];
}

export interface ForecastInputs {
  readonly snapshot: Snapshot;
  readonly options: ScalingOptions;
  readonly outlookOf: OutlookOf;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Reads workload by workload what each would lose on its way to its floor, and yields after each, so that others may
 * have their turn: it may be long. Who goes under any circumstances (what is not ready, what is marked), and who never
 * does (what is protected, or kept by somebody else's cost), is settled as it would be for scale requests. Roles count
 * where their groups stay, and all of it only where costs decide who goes.
 */
export function* forecast({ snapshot, options, outlookOf, now }: ForecastInputs): Steps<Forecast> {
  const all = new FleetProblem(snapshot, selectionOptions(snapshot, options));
  const taken = new Set<string>();
  for (const workload of outermostFirst(snapshot)) {
    yield;
    const read = (request: ScaleRequest) =>
      adapterOf(workload).scale(request, snapshot, now, options.adapterOptions).pools;
    const pools: Pool[] = [];
    for (const pool of requestsOf(workload, outlookOf).flatMap(read)) {
      const pods = pool.candidates.flatMap((candidate) => candidate.pods);
      // What an owner gives up is not its own to give up again.
      const isGivenUp = pods.some((pod) => taken.has(namespacedName(pod)));
      if (!pool.consumer.readsCosts || isGivenUp) continue;
      for (const pod of pods) if (pod.controller?.uid !== workload.uid) taken.add(namespacedName(pod));
      pools.push(pool);
    }
    all.add(pools);
  }
  return yield* all.close();
}

/** What takes the workload to its floor: a smaller count of groups, or smaller counts of roles. */
function requestsOf(workload: Workload, outlookOf: OutlookOf): readonly ScaleRequest[] {
  const { replicas, roles } = workload;
  const groups = replicas > MOST ? 0 : outlookOf(workload);
  const to = replicas - groups;
  if (groups > 0) return [{ workload: { ...workload, replicas: to }, role: null, from: replicas, to }];
  return roles.flatMap((role) => {
    const outlook = role.replicas > MOST ? 0 : outlookOf(workload, role);
    const left = { ...role, replicas: role.replicas - outlook };
    const next = { ...workload, roles: roles.map((other) => (other === role ? left : other)) };
    return outlook > 0 ? [{ workload: next, role: role.name, from: role.replicas, to: left.replicas }] : [];
  });
}

/** Owners before what they own, and always in the same order. */
function outermostFirst(snapshot: Snapshot): readonly Workload[] {
  const found = [...snapshot.workloads()].filter(({ target }) => target === undefined);
  return found
    .map((workload) => ({ workload, depth: ownersOf(workload, snapshot).length, id: workloadId(workload) }))
    .sort((a, b) => a.depth - b.depth || (a.id < b.id ? -1 : 1))
    .map(({ workload }) => workload);
}
