import type { Pod } from '../../domain/fleet/pod.ts';
import { ordinalOf } from '../core/ordinals.ts';
import { type Unit, unitOfPods } from '../unit.ts';
import { GROUP_INDEX, NAME } from './labels.ts';

/** The groups that pods of LeaderWorkerSets make up by their labels, of `size` pods each: a leader and its workers. */
export function groupsOf(pods: readonly Pod[], size: number): readonly Unit[] {
  return [...Map.groupBy(pods, groupNameOf)].flatMap(([name, members]) => {
    const ordinal = ordinalOf(members[0]?.labels[GROUP_INDEX]);
    return name === null ? [] : [unitOfPods(name, ordinal, members, size)];
  });
}

/** `<set>-<index>`, which is also the leader's name; null for a pod without these labels. */
export function groupNameOf({ labels }: Pod): string | null {
  const [name, index] = [labels[NAME], labels[GROUP_INDEX]];
  return name === undefined || index === undefined ? null : `${name}-${index}`;
}
