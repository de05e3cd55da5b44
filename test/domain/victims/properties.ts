import type { Parameters } from 'fast-check';
import type { Pod } from '../../../src/domain/fleet/pod.ts';
import type { Plan } from '../../../src/domain/victims/plan.ts';
import { podOf } from '../../builders/fleet.ts';
import { seededRandom } from '../../oracle/kthena.ts';

/**
 * How often a property runs, always from the same seed unless FC_SEED says another; FC_RUNS multiplies the runs.
 * `among`: one case in so many is one that the property is about.
 */
export function runs(count: number, among = 20): Parameters<unknown> {
  return {
    numRuns: count * Number(process.env.FC_RUNS ?? 1),
    seed: Number(process.env.FC_SEED ?? 20_260_601),
    maxSkipsPerRun: among,
  };
}

export function shuffled<T>(list: readonly T[], seed: number): readonly T[] {
  const random = seededRandom(seed);
  return list
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Pods of nobody that appear between two plans: they change scores, and block nodes. */
export function newcomers(seed: number): readonly Pod[] {
  return Array.from({ length: 4 }, (_, index) =>
    podOf(`newcomer-${index}`, { node: `n${(seed + index * index) % 10}` }),
  );
}

/** What of a plan two equal plans have in common, in names. */
export function outlineOf({ victims, writes, nodesFreed, warnings }: Plan) {
  return {
    victims: victims.map(({ candidate: { group, name }, steered, score }) => ({ group, name, steered, score })),
    writes: writes.map(({ pod, to, victim }) => ({ pod: pod.name, from: pod.cost, to, victim })),
    nodesFreed: nodesFreed.map(({ name }) => name),
    warnings,
  };
}
