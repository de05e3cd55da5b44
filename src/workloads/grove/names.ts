import type { Pod } from '../../domain/fleet/pod.ts';

export const POD_CLIQUE = 'PodClique';

/**
 * Labels that Grove puts on pods: the PodCliqueSet and the PodCliqueScalingGroup that they are of, and the replica of
 * each.
 */
export const PART_OF = 'app.kubernetes.io/part-of';
export const SET_REPLICA = 'grove.io/podcliqueset-replica-index';
export const SCALING_GROUP = 'grove.io/podcliquescalinggroup';
export const GROUP_REPLICA = 'grove.io/podcliquescalinggroup-replica-index';

/** `<owner>-<replica>`, as everything of a replica begins; the pod's own name where its labels do not say. */
export function groupName({ name, labels }: Pod, owner: string, replica: string): string {
  const [of, index] = [labels[owner], labels[replica]];
  return of === undefined || index === undefined ? name : `${of}-${index}`;
}
