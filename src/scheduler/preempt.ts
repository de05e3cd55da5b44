import { isSilent } from '../domain/fleet/silence.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { drainingNodes } from '../workloads/draining.ts';
import { type GangSettings, gangBreaker } from '../workloads/torn-gangs.ts';
import { type PreemptionCandidate, readPreemptionArgs } from './preemption-args.ts';

/**
 * Answers preempt: drops nodes on which it would break a gang, and nodes that a scale-down is freeing, while others are
 * left that violate no more PodDisruptionBudgets: kube-scheduler looks at these first, for somebody has asked for them.
 * Victims that packdown does not know are no reason, nor is anything while the fleet is too stale (milliseconds, as
 * Fleet has it). Whatever form was sent, victims are told by their uids: it is the only one that the scheduler reads.
 */
export function preempt(
  body: unknown,
  snapshot: Snapshot,
  settings: GangSettings,
  staleness: number | null,
): { readonly NodeNameToMetaVictims: Readonly<Record<string, object>> } {
  const candidates = readPreemptionArgs(body);
  const kept = isSilent(staleness) ? candidates : narrowed(candidates, snapshot, settings);
  const victims = kept.map(({ node, victims, pdbViolations }): [string, object] => [
    node,
    { Pods: victims.map((UID) => ({ UID })), NumPDBViolations: pdbViolations },
  ]);
  return { NodeNameToMetaVictims: Object.fromEntries(victims) };
}

function narrowed(
  candidates: readonly PreemptionCandidate[],
  snapshot: Snapshot,
  settings: GangSettings,
): readonly PreemptionCandidate[] {
  const breaksGangs = gangBreaker(snapshot, settings);
  const draining = drainingNodes(snapshot);
  const victimsOn = ({ node, victims }: PreemptionCandidate) => {
    const uids = new Set(victims);
    return snapshot.podsOnNode(node).filter(({ uid }) => uids.has(uid));
  };
  const fewest = candidates.reduce(
    (least, { pdbViolations }) => Math.min(least, pdbViolations),
    Number.POSITIVE_INFINITY,
  );
  const first = candidates.filter(({ pdbViolations }) => pdbViolations === fewest);
  const harmless = orAll(first, (candidate) => !breaksGangs(victimsOn(candidate)));
  const kept = new Set(orAll(harmless, ({ node }) => !draining.has(node)));
  return candidates.filter((candidate) => candidate.pdbViolations > fewest || kept.has(candidate));
}

/** Those that pass, or all of them where none does: preemption is never stopped. */
function orAll<T>(all: readonly T[], passes: (one: T) => boolean): readonly T[] {
  const passing = all.filter(passes);
  return passing.length === 0 ? all : passing;
}
