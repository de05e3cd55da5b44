import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { Workload } from '../../domain/fleet/workload.ts';
import { podsUnder } from '../owned-pods.ts';
import { type Unit, unitOfPods } from '../unit.ts';

/** The user's own resources: the first group, of which all others are copies. */
export const OWN_GROUP = 'group0';

/**
 * The label that tells which group a copy belongs to, by number or by name. Our assumption: the proposal says that
 * copies are made, and not how they are told apart; `resourceScalingGroup.groupLabel` of the configuration names
 * another.
 */
export const GROUP_LABEL = 'resourcescalinggroup.com/group';

/** Group 0 and every group of copies: workloads that the ResourceScalingGroup owns and labels with their group. */
export function groupsOf(scaling: Workload, snapshot: Snapshot, groupLabel: string): readonly Unit[] {
  const own = (scaling.members ?? []).flatMap((member) => snapshot.workload(member) ?? []);
  const copies = Map.groupBy(snapshot.workloadsOf(scaling.uid), ({ labels }) => groupName(labels[groupLabel]));
  copies.delete(null);
  copies.delete(OWN_GROUP);
  const unit = ([name, workloads]: readonly [string | null, readonly Workload[]]): readonly Unit[] => {
    if (name === null) return [];
    const ordinal = Number(/\d+$/.exec(name)?.[0] ?? -1);
    const pods = workloads.flatMap(({ uid }) => podsUnder(uid, snapshot));
    return [unitOfPods(name, ordinal, pods)];
  };
  return [...(own.length === 0 ? [] : unit([OWN_GROUP, own])), ...[...copies].flatMap(unit)];
}

/** `group1`, whether the label holds that or the bare number. */
function groupName(label: string | undefined): string | null {
  if (label === undefined) return null;
  return /^\d+$/.test(label) ? `group${label}` : label;
}
