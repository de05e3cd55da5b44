import { binpackWeights, type Config } from '../config/config.ts';
import { isSteered } from '../config/modes.ts';
import type { CostWrite } from '../domain/fleet/cost-write.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { CostCarrier } from '../domain/fleet/instance.ts';
import { costOwnership, isActive, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { podScore } from '../domain/score/pod-score.ts';
import { costReaderOf } from '../workloads/cost-readers.ts';
import { adapterOf } from '../workloads/registry.ts';
import type { Duty, Pace } from './duty.ts';
import { isQuiet } from './in-progress.ts';
import type { SlowWriter } from './slow-writer.ts';

/** So that a fleet that packdown is new to gets its costs over minutes, not at once. */
const MOST_A_RUN = 500;

/**
 * Gives the binpack cost of now to pods that have none because they were bound before packdown was there, or while it
 * was away. Not while their workload shrinks, and nowhere near a cost that somebody else wrote: of several that write
 * costs (Karpenter ranks whole nodes), the others come first. A fleet that has its costs is left as it is.
 */
export function fillingInCosts(fleet: Fleet, config: Config, now: () => number, writer: SlowWriter): Duty {
  /** Resolves with how many were written. */
  async function fill(workload: Workload, most: number, pace: Pace): Promise<number> {
    const missing = podsWithoutCost(workload, fleet.snapshot());
    const goesOn = () => {
      const snapshot = fleet.snapshot();
      const current = snapshot.workload(workload);
      return pace.goesOn() && current?.uid === workload.uid && mayFill(current, snapshot, config, now());
    };
    if (missing.length === 0 || !goesOn()) return 0;
    const decide = (pod: CostCarrier) => coarseCost(pod, workload, fleet.snapshot(), config);
    return writer.writeEach(missing, decide, { ...pace, goesOn }, most);
  }
  return {
    name: 'filling in missing costs',
    every: 60_000,
    async run(pace) {
      let left = MOST_A_RUN;
      for (const workload of [...fleet.snapshot().workloads()]) {
        // Reviews that came in meanwhile go first.
        await pace.wait(0);
        if (!pace.goesOn() || left === 0) return;
        left -= await fill(workload, left, pace);
      }
    },
  };
}

function podsWithoutCost(workload: Workload, snapshot: Snapshot): readonly Pod[] {
  if (!adapterOf(workload).readsPodCosts) return [];
  return snapshot.podsOf(workload.uid).filter(lacksCost);
}

/** What is bound but has no cost; where only the cost is gone and our record is left, somebody took it off. */
function lacksCost(pod: Pod): boolean {
  return pod.node !== null && isActive(pod) && pod.cost === null && pod.costOwner === null;
}

/** The write for a pod of a workload that may be filled in, as it is now; null where there is none to make. */
function coarseCost(
  { namespace, name, uid }: CostCarrier,
  workload: Workload,
  snapshot: Snapshot,
  config: Config,
): CostWrite | null {
  const pod = snapshot.pod(namespace, name);
  if (pod === undefined || pod.uid !== uid || !lacksCost(pod)) return null;
  if (costReaderOf(pod, snapshot)?.uid !== workload.uid || snapshot.node(pod.node ?? '') === undefined) return null;
  return { carrier: pod, to: String(podScore(pod, snapshot, binpackWeights(config))), victim: null };
}

function mayFill(workload: Workload, snapshot: Snapshot, config: Config, now: number): boolean {
  if (!isSteered(workload, snapshot, config) || isAnothersToo(workload, snapshot)) return false;
  return isQuiet(workload, snapshot, now);
}

/** Whether a pod of the workload, or any pod beside one of them, carries a cost that somebody else wrote. */
function isAnothersToo(workload: Workload, snapshot: Snapshot): boolean {
  const pods = snapshot.podsOf(workload.uid);
  const isForeign = (pod: Pod) => costOwnership(pod) === 'other';
  if (pods.some(isForeign)) return true;
  const nodes = new Set(pods.flatMap(({ node }) => node ?? []));
  return [...nodes].some((node) => snapshot.podsOnNode(node).some(isForeign));
}
