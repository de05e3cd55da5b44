/** Labels that Kthena's controller puts on the pods of a ModelServing. */
export const NAME = 'modelserving.volcano.sh/name';
export const GROUP_NAME = 'modelserving.volcano.sh/group-name';
export const ROLE = 'modelserving.volcano.sh/role';
export const ROLE_ID = 'modelserving.volcano.sh/role-id';
export const REVISION = 'modelserving.volcano.sh/revision';
/** `"true"` on the entry pod of a role replica, absent on its workers. */
export const ENTRY = 'modelserving.volcano.sh/entry';
