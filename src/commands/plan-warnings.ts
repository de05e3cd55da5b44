import { validateCounts } from '../admission/validate.ts';
import type { Config } from '../config/config.ts';
import { modeOf } from '../config/modes.ts';
import { POLICY } from '../domain/fleet/annotations.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadName } from '../domain/fleet/workload.ts';
import { abridged } from '../domain/ordering/wording.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';
import { nodesOf } from '../domain/victims/selection-problem.ts';
import { spreadingOf } from '../domain/victims/spread.ts';
import { adapterOf } from '../workloads/registry.ts';
import type { ProvenPlan } from '../workloads/scaling.ts';

/** What a plan does not show of its workloads, each once, however many roles of it are scaled. */
export function notesOn(
  requests: readonly ScaleRequest[],
  snapshot: Snapshot,
  config: Config,
  now: number,
  hasPolicyOfItsOwn: (workload: Workload) => boolean,
): readonly string[] {
  const byWorkload = Map.groupBy(requests, ({ workload }) => workloadName(workload));
  return [...byWorkload].flatMap(([name, asked]) => {
    const verdict = verdictOn(asked, snapshot, config, now).map((text) => `${name}: ${text}`);
    const [lowered] = asked.filter(({ from, to }) => to < from);
    if (lowered === undefined) return verdict;
    const mode = modeOf(lowered.workload, snapshot, config);
    return [
      ...verdict,
      ...(hasPolicyOfItsOwn(lowered.workload) ? [`${name} has a policy of its own, by annotation ${POLICY}`] : []),
      ...(mode === 'steer' ? [] : [`${name} is in mode ${mode}: packdown writes none of these costs`]),
    ];
  });
}

/** What the ordering rules say of the counts that are asked of one workload, all in one update. */
function verdictOn(asked: readonly ScaleRequest[], snapshot: Snapshot, config: Config, now: number): readonly string[] {
  const [first] = asked;
  const old = first && snapshot.workload(first.workload);
  if (old === undefined) return [];
  const counts = {
    replicas: asked.find(({ role }) => role === null)?.to ?? null,
    roles: new Map(asked.flatMap(({ role, to }): [string, number][] => (role === null ? [] : [[role, to]]))),
  };
  const { message, warnings } = validateCounts(old, counts, snapshot, config, now);
  return [...(message === null ? [] : [`packdown would refuse this now: ${message}`]), ...warnings];
}

/** Why a plan may free less than one would think. */
export function doubtsOf(plan: ProvenPlan, snapshot: Snapshot): readonly string[] {
  return [...podsUnseenIn(plan), ...nodesUnseenIn(plan, snapshot), ...keptSpread(plan, snapshot)];
}

/**
 * A fleet without the pods of a workload, as a file may be, looks as if nothing went; where roles count only what is
 * created, nothing does.
 */
function podsUnseenIn({ requests, victims, isForeseen }: ProvenPlan): readonly string[] {
  if (!isForeseen) return [];
  const losing = new Set(victims.map(({ workload }) => workloadName(workload)));
  const losesSome = ({ workload, role, from, to }: ScaleRequest) =>
    to < from && !(role !== null && adapterOf(workload).rolesAreTemplates === true);
  const unseen = requests.filter((request) => losesSome(request) && !losing.has(workloadName(request.workload)));
  return unseen.map(
    ({ workload }) =>
      `nothing of ${workloadName(workload)} goes: the fleet has no more of it than is to stay; are its pods in there?`,
  );
}

/** A node that the fleet does not have cannot become free, as if somebody else were on it. */
function nodesUnseenIn({ settled }: ProvenPlan, snapshot: Snapshot): readonly string[] {
  const named = new Set(settled.flatMap(([{ candidates }]) => candidates.flatMap(nodesOf)));
  const unseen = [...named].filter((name) => snapshot.node(name) === undefined).sort();
  if (unseen.length === 0) return [];
  return [
    `nodes of these pods are not in the fleet, so that they cannot become free: ${abridged(unseen)}; are all in there?`,
  ];
}

/** Whose pods are to stay spread, where more could become free than does. */
function keptSpread({ settled, value, bound }: ProvenPlan, snapshot: Snapshot): readonly string[] {
  if (bound === null || value >= bound) return [];
  const chosen = settled.filter(([, { choose }]) => choose > 0).map(([pool]) => pool);
  const byWorkload = Map.groupBy(chosen, ({ request }) => workloadName(request.workload));
  return [...byWorkload].flatMap(([workload, pools]) => {
    const candidates = pools.flatMap((pool) => pool.candidates);
    const keys = new Set(spreadingOf(candidates, snapshot).map(({ constraint }) => constraint.topologyKey));
    return [...keys].map(
      (key) => `${workload} is kept spread over ${key}: that may be why fewer nodes become free than could`,
    );
  });
}
