/** Labels that the LeaderWorkerSet controller puts on pods. */
export const NAME = 'leaderworkerset.sigs.k8s.io/name';
export const TEMPLATE_REVISION = 'leaderworkerset.sigs.k8s.io/template-revision-hash';
export const GROUP_INDEX = 'leaderworkerset.sigs.k8s.io/group-index';
