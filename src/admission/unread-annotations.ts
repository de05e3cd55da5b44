import type { Config } from '../config/config.ts';
import { modeFor, readMode } from '../config/modes.ts';
import { MODES } from '../config/schema.ts';
import { FLOOR, POLICY, STEERING } from '../domain/fleet/annotations.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { parseFloorAnnotation } from '../domain/planner/floor.ts';
import { POLICIES } from '../domain/victims/policies.ts';
import { readPolicy, scaleRequests } from '../workloads/scaling.ts';

/**
 * What annotations say of how a scale-down is to be steered that nobody can read: it counts for nothing. Nothing where
 * no count is lowered, or nothing is steered anyway.
 */
export function unreadAnnotations(
  old: Workload,
  next: Workload,
  snapshot: Snapshot,
  config: Config,
): readonly string[] {
  if (!scaleRequests(old, next).some(({ from, to }) => to < from)) return [];
  if (modeFor(next, snapshot, config) === 'off') return [];
  const { namespace, annotations } = next;
  const modes = `is none of ${MODES.join(', ')}`;
  const floors = 'is no number of replicas, 0 or more';
  const ofNamespace = snapshot.namespace(namespace)?.annotations[STEERING];
  return [
    ...unread(`${STEERING} of namespace ${namespace}`, ofNamespace, readMode, modes),
    ...unread(STEERING, annotations[STEERING], readMode, modes),
    ...unread(POLICY, annotations[POLICY], readPolicy, `is none of ${POLICIES.join(', ')}`),
    ...unread(FLOOR, annotations[FLOOR], parseFloorAnnotation, floors),
  ];
}

function unread(
  annotation: string,
  text: string | undefined,
  read: (text: string) => unknown,
  problem: string,
): readonly string[] {
  return text === undefined || read(text) !== null ? [] : [`${annotation} holds ${text}, which ${problem}`];
}
