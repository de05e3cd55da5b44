import type { Pod } from '../../../src/domain/fleet/pod.ts';
import type { Workload } from '../../../src/domain/fleet/workload.ts';
import { afterWrites, fleetOf, planOf, scaleTo } from '../../builders/fleet.ts';
import { groupsUnderWay, roleUnderWay } from './oracle-view.ts';
import { drawnPods, drawnServing, type RoleDraw, type ServingDraw } from './random-serving.ts';

/** A scale-down of groups as packdown meets it, whatever came before. */
export interface GroupStory {
  /** As it is: `replicas` is the count admitted last. */
  readonly serving: Workload;
  /** As it will be. */
  readonly scaled: Workload;
  readonly pods: readonly Pod[];
  readonly others: readonly Pod[];
}

export function tellGroupStory(draw: ServingDraw): GroupStory {
  const { own, others } = drawnPods(draw);
  let serving = drawnServing(draw);
  let pods = own;
  for (const { drop, steered, vanished } of draw.steps) {
    const scaled = { ...serving, replicas: Math.max(0, serving.replicas - drop) };
    const plan = planOf(scaleTo(serving, scaled.replicas), fleetOf([...pods, ...others], [serving]), draw.policy);
    if (steered) pods = afterWrites(pods, plan.writes);
    serving = scaled;
    if (vanished === null) continue;
    const rank = draw.seed % 2 === 0 ? 'as-live' : 'as-not-ready';
    pods = groupsUnderWay(serving, pods, vanished, { rank, seed: draw.seed });
  }
  const to = draw.to % (serving.replicas + 1);
  return { serving, scaled: { ...serving, replicas: to }, pods, others };
}

/** A scale-down of one role as packdown meets it. */
export interface RoleStory extends GroupStory {
  readonly role: string;
  readonly from: number;
  readonly to: number;
}

export function tellRoleStory(draw: RoleDraw): RoleStory {
  const { serving: scaledBefore, pods: podsBefore, others } = tellGroupStory(draw);
  let [serving, pods] = [scaledBefore, podsBefore];
  const role = serving.roles[draw.role % serving.roles.length];
  if (role === undefined) throw new RangeError('a ModelServing has at least one role');
  let from = role.replicas;
  for (const { drop, steered, vanished } of draw.roleSteps) {
    const to = Math.max(0, from - drop);
    const request = scaleTo(serving, to, role.name);
    const plan = planOf(request, fleetOf([...pods, ...others], [serving]), draw.policy);
    if (steered) pods = afterWrites(pods, plan.writes);
    [serving, from] = [request.workload, to];
    if (vanished === null) continue;
    for (const group of groupNames(pods)) {
      pods = roleUnderWay(serving, group, role.name, pods, vanished, draw.seed);
    }
  }
  const to = draw.to % (from + 1);
  return { serving, scaled: scaleTo(serving, to, role.name).workload, pods, others, role: role.name, from, to };
}

/** Names of the groups that pods are left of, by ordinal. */
export function groupNames(pods: readonly Pod[]): readonly string[] {
  const names = new Set(pods.map(({ labels }) => labels['modelserving.volcano.sh/group-name'] ?? ''));
  return [...names].sort((a, b) => Number(a.slice(a.lastIndexOf('-') + 1)) - Number(b.slice(b.lastIndexOf('-') + 1)));
}
