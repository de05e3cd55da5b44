import { type ForecastOptions, publishingTargetSet } from '../../src/background/target-set.ts';
import { MemoryTargetSet } from '../../src/cluster/embedded/memory-target-set.ts';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { outlookOf } from '../../src/config/outlook.ts';
import { FLOOR } from '../../src/domain/fleet/annotations.ts';
import { staysOnFreeNode } from '../../src/domain/fleet/pod.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { Random } from '../../src/domain/planner/random.ts';
import { answer } from '../../src/planning/question.ts';
import { fleetOf, planOf, scaleTo, servingGroup } from '../builders/fleet.ts';
import { serving } from '../builders/workload.ts';
import { stageOf } from './stage.ts';

export const findTargets: ForecastOptions['findTargets'] = async (problem) =>
  answer({ asks: 'targets', problem }).chosen;

/** Workloads of `size` groups of one pod that will shrink to `floor`, thrown over full nodes of four pods. */
export function mixedFleet(count: number, size: number, floor: number, seed: number) {
  const workloads = Array.from({ length: count }, (_, index) => {
    const [name, annotations] = [`w${index}`, { [FLOOR]: `${floor}` }];
    return serving(size, { decode: 1 }, { name, uid: `uid-of-${name}`, annotations });
  });
  const random = new Random(seed);
  const groups = workloads
    .flatMap((workload) => Array.from({ length: size }, (_, group) => ({ workload, group, key: random.next() })))
    .sort((a, b) => a.key - b.key);
  const pods = groups.flatMap(({ workload, group }, place) =>
    servingGroup(workload, group, () => ({ node: `n${Math.floor(place / 4)}` })),
  );
  return { workloads, index: fleetOf(pods, workloads) };
}

/** Scales one workload after another to `to`, with the leader's forecast or without, and counts the free nodes. */
export async function shrinkAll(workloads: readonly Workload[], index: FleetIndex, to: number, isForeseen: boolean) {
  const { fleet, config, now, pace } = stageOf(index);
  const targetSet = new MemoryTargetSet();
  const duty = publishingTargetSet({ fleet, config, now, targetSet, findTargets });
  for (const workload of workloads) {
    if (isForeseen) await duty.run(pace);
    const nodes = targetSet.current()?.nodes ?? [];
    const request = scaleTo(workload, to);
    const plan = planOf(request, index, 'consolidate', { targetSet: nodes, outlookOf: outlookOf(index, config) });
    for (const { candidate } of plan.victims)
      for (const { namespace, name } of candidate.pods) index.deletePod(namespace, name);
    index.putWorkload(request.workload);
  }
  return [...index.nodes()].filter(({ name }) => index.podsOnNode(name).every(staysOnFreeNode)).length;
}
