import type { Config } from '../config/config.ts';
import { modeOf, readMode } from '../config/modes.ts';
import { MODES } from '../config/schema.ts';
import { FLOOR, POLICY, STEERING } from '../domain/fleet/annotations.ts';
import { parseFloorAnnotation } from '../domain/fleet/floor.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { POLICIES } from '../domain/victims/policies.ts';
import { annotationsFor, scaledWith } from '../workloads/owners-above.ts';
import { readPolicy } from '../workloads/scaling.ts';

/**
 * What annotations say of how a workload's scale-downs are to be steered that nobody can read: it counts for nothing.
 * Nothing where nothing is steered anyway.
 */
export function unreadAnnotations(workload: Workload, snapshot: Snapshot, config: Config): readonly string[] {
  if (modeOf(workload, snapshot, config) === 'off') return [];
  const { namespace } = workload;
  const modes = `is none of ${MODES.join(', ')}`;
  const policies = `is none of ${POLICIES.join(', ')}`;
  const floors = 'is no number of replicas, 0 or more';
  const ofNamespace = snapshot.namespace(namespace)?.annotations[STEERING];
  return [
    ...unread(`${STEERING} of namespace ${namespace}`, ofNamespace, readMode, modes),
    ...annotationsFor(workload, STEERING, snapshot).flatMap((text) => unread(STEERING, text, readMode, modes)),
    ...annotationsFor(workload, POLICY, snapshot).flatMap((text) => unread(POLICY, text, readPolicy, policies)),
    ...unread(FLOOR, scaledWith(workload, snapshot).annotations[FLOOR], parseFloorAnnotation, floors),
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
