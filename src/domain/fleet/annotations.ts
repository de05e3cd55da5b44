/** Kubernetes' own: ReplicaSet reads it per pod, Kthena sums it over a role replica or a group. */
export const POD_DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
/** On pods: the cost that packdown wrote last. While it equals the cost, the cost is ours to change. */
export const COST_OWNER = 'packdown.io/cost-owner';
/**
 * On objects that hold a list of what goes first: the list that packdown filled in last. While it equals the list, that
 * is ours to change.
 */
export const LIST_OWNER = 'packdown.io/list-owner';
/** On pods: the unit that packdown has marked to go with a scale-down, and since when. */
export const VICTIM = 'packdown.io/victim';
/** On pods: how much this one is worth keeping against others of its workload, −1000 to 1000. */
export const KEEP = 'packdown.io/keep';
/** On workloads: rule modes for this one, e.g. `gang-floor=warn,pd-ratio=off`. */
export const ORDERING = 'packdown.io/ordering';
/** On workloads: the declared ratio of two roles, e.g. `prefill:decode=1:4..1:1`. */
export const ROLE_RATIO = 'packdown.io/role-ratio';
/** On workloads: how many replicas this one will shrink to, as a forecast for planning; no rule. */
export const FLOOR = 'packdown.io/floor';
/** On workloads: the policy for this one. */
export const POLICY = 'packdown.io/policy';
/** On workloads and namespaces: off, observe or steer. */
export const STEERING = 'packdown.io/steering';
/** On namespaces: `"true"` exempts everything in it. */
export const IGNORE = 'packdown.io/ignore';
