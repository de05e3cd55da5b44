import type { Autoscaler, AutoscalerOf } from '../../domain/fleet/autoscaler.ts';
import { type WorkloadKey, workloadId } from '../../domain/fleet/workload.ts';
import { Lists } from './multi-map.ts';

/** What an autoscaler is called. */
export type AutoscalerKey = Omit<Autoscaler, 'ranges'>;

/** Autoscalers by name and by what they scale. */
export class AutoscalerIndex {
  readonly #autoscalers = new Map<string, Autoscaler>();
  readonly #byTarget = new Lists<Autoscaler>((one, other) => keyOf(one) < keyOf(other));

  /** Of several for one workload, which is a mistake, the first by kind and name. */
  of(workload: WorkloadKey): AutoscalerOf | null {
    const id = workloadId(workload);
    const [first] = this.#byTarget.at(id);
    const range = first?.ranges.find(({ target }) => workloadId(target) === id);
    return first === undefined || range === undefined ? null : { ...range, kind: first.kind };
  }

  put(autoscaler: Autoscaler): void {
    this.delete(autoscaler);
    this.#autoscalers.set(keyOf(autoscaler), autoscaler);
    for (const { target } of autoscaler.ranges) this.#byTarget.link(workloadId(target), autoscaler);
  }

  delete(autoscaler: AutoscalerKey): void {
    const key = keyOf(autoscaler);
    const known = this.#autoscalers.get(key);
    if (known === undefined) return;
    for (const { target } of known.ranges) this.#byTarget.unlink(workloadId(target), known);
    this.#autoscalers.delete(key);
  }
}

function keyOf({ kind, namespace, name }: AutoscalerKey): string {
  return `${kind}/${namespace}/${name}`;
}
