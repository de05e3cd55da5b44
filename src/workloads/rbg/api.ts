/** The API group of RoleBasedGroup and its kin. */
export const GROUP = 'workloads.x-k8s.io';
/** Read by its stateless RoleInstanceSet, on RoleInstances only. */
export const INSTANCE_DELETION_COST = 'controller.kubernetes.io/instance-deletion-cost';
/** Annotation of a RoleInstanceSet: `Stateless` obeys costs, anything else counts in ordinals. */
export const PATTERN = 'rbg.workloads.x-k8s.io/role-instance-pattern';
/** Label that its controller puts on pods. */
export const INSTANCE_NAME = 'rbg.workloads.x-k8s.io/role-instance-name';

/** The revision in a ControllerRevision's name, or in a label that holds that or the revision alone. */
export function revisionIn(name: string | null | undefined): string | undefined {
  return name?.split('-').at(-1);
}
