import type { Config } from '../config/config.ts';
import { modeFor, readMode } from '../config/modes.ts';
import { MODES } from '../config/schema.ts';
import { FLOOR, POLICY, STEERING } from '../domain/fleet/annotations.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { parseFloorAnnotation } from '../domain/planner/floor.ts';
import { POLICIES } from '../domain/victims/policies.ts';
import { annotationsFor, scaledWith } from '../workloads/owners-above.ts';
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
  const { namespace } = next;
  const modes = `is none of ${MODES.join(', ')}`;
  const policies = `is none of ${POLICIES.join(', ')}`;
  const floors = 'is no number of replicas, 0 or more';
  const ofNamespace = snapshot.namespace(namespace)?.annotations[STEERING];
  return [
    ...unread(`${STEERING} of namespace ${namespace}`, ofNamespace, readMode, modes),
    ...annotationsFor(next, STEERING, snapshot).flatMap((text) => unread(STEERING, text, readMode, modes)),
    ...annotationsFor(next, POLICY, snapshot).flatMap((text) => unread(POLICY, text, readPolicy, policies)),
    ...unread(FLOOR, scaledWith(next, snapshot).annotations[FLOOR], parseFloorAnnotation, floors),
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
