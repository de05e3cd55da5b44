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
import type { SlowWriter, Tally } from './slow-writer.ts';

/** So that a fleet that packdown is new to gets its costs over minutes, not at once. */
const MOST_A_RUN = 500;
/** Where the cluster refuses everything, trying it on every workload would go on without a pause. */
const MOST_REFUSED_A_RUN = 50;

/**
 * Gives the binpack cost of now to pods that have none because they were bound before packdown was there, or while it
 * was away. Not while their workload shrinks, and nowhere near a cost that somebody else wrote: of several that write
 * costs (Karpenter ranks whole nodes), the others come first. A fleet that has its costs is left as it is.
 */
export function fillingInCosts(fleet: Fleet, config: Config, now: () => number, writer: SlowWriter): Duty {
  /** The uid of the workload that the next run begins with: those that are refused keep no others waiting. */
  let first = '';

  async function fill(workload: Workload, most: number, pace: Pace): Promise<Tally> {
    const missing = podsWithoutCost(workload, fleet.snapshot());
    const goesOn = () => {
      const snapshot = fleet.snapshot();
      const current = snapshot.workload(workload);
      return pace.goesOn() && current?.uid === workload.uid && mayFill(current, snapshot, config, now());
    };
    if (missing.length === 0 || !goesOn()) return { written: 0, refused: 0 };
    const decide = (pod: CostCarrier) => coarseCost(pod, workload, fleet.snapshot(), config);
    return writer.writeEach(missing, decide, { ...pace, goesOn }, most);
  }
  return {
    name: 'filling in missing costs',
    every: 60_000,
    async run(pace) {
      const workloads = [...fleet.snapshot().workloads()];
      const from = Math.max(
        0,
        workloads.findIndex(({ uid }) => uid === first),
      );
      let written = 0;
      let refused = 0;
      for (const workload of [...workloads.slice(from), ...workloads.slice(0, from)]) {
        // Reviews that came in meanwhile go first.
        await pace.wait(0);
        if (!pace.goesOn()) return;
        first = workload.uid;
        if (written >= MOST_A_RUN || refused >= MOST_REFUSED_A_RUN) return;
        const tally = await fill(workload, MOST_A_RUN - written, pace);
        written += tally.written;
        refused += tally.refused;
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
