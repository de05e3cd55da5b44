import { staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { isGrownAgain, type Predicted } from './workload-predictions.ts';

/** A node that would be free if a scale-down had been steered. */
interface Claim {
  readonly predicted: Predicted;
  /** The uids of what was on it. */
  readonly pods: ReadonlySet<string>;
}

/**
 * Nodes that steering would have freed. Each is told once: what is only observed leaves it busy, so that the next
 * scale-down would free it again. It may be told anew once it is really free, has got a new pod that keeps it busy, or
 * the workload has grown again.
 */
export class CounterfactualNodes {
  readonly #claims = new Map<string, Claim>();

  /** How many nodes that the scale-down would have freed are told for the first time. */
  claim(predicted: Predicted, snapshot: Snapshot): number {
    let told = 0;
    for (const node of predicted.nodesFreed) {
      if (this.#claims.has(node)) continue;
      this.#claims.set(node, { predicted, pods: new Set(snapshot.podsOnNode(node).map(({ uid }) => uid)) });
      told += 1;
    }
    return told;
  }

  /** Forgets the nodes that may be told anew; to be called often, for what has grown may have shrunk again. */
  check(snapshot: Snapshot): void {
    for (const [node, { predicted, pods }] of this.#claims) {
      const now = snapshot.podsOnNode(node);
      const isOver = now.every(staysOnFreeNode) || now.some((pod) => !staysOnFreeNode(pod) && !pods.has(pod.uid));
      if (isOver || isGrownAgain(predicted, snapshot)) this.#claims.delete(node);
    }
  }
}
