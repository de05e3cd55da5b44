import type { Workload } from '../../domain/fleet/workload.ts';
import type { JsonObject } from './json.ts';
import { readMetadata } from './metadata.ts';

/** What a workload is called and belongs to; whatever only some kinds have is left empty. */
export function readIdentity(
  { group, kind }: { readonly group: string; readonly kind: string },
  object: JsonObject,
): Omit<Workload, 'replicas'> {
  const { namespace, name, uid, labels, annotations, controller, deleting, generation } = readMetadata(object);
  return {
    group,
    kind,
    namespace,
    name,
    uid,
    labels,
    annotations,
    owner: controller,
    ...(deleting && { deleting }),
    ...(generation !== null && { generation }),
    firstOrdinal: 0,
    roles: [],
    partition: null,
    gangMinimum: null,
  };
}
