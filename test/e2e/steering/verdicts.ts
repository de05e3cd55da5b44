import type { AuditEntry } from '../control-plane/audit.ts';
import { label } from '../kthena-double/model-serving.ts';
import type { Decision } from '../kthena-double/serving-controller.ts';
import { POD_DELETION_COST, type Pod, type ScaleDown } from './scale-downs.ts';

/** What packdown said would go, in the very admission that let it go, and what went. */
export interface Verdict {
  scaleDown: ScaleDown;
  /** Units in packdown's words: a pod, a group, or `<group>/<role id>`. */
  planned: string[];
  /** Names of the pods of these units. */
  plannedPods: string[];
  gonePods: string[];
  missed: boolean;
  /** Whether the controller's own record names other units than planned; null for controllers that keep none. */
  disobeyed: boolean | null;
  /** Whether some of the pods carried no cost before. */
  hadBarePods: boolean;
  /** Every request in which packdown chose victims. */
  requests: { milliseconds: number; costsWritten: number }[];
  decisions: Decision[];
}

export const VICTIMS = 'workloads.packdown.io/victims';
/** Why packdown chose nothing. */
export const STEERING = 'workloads.packdown.io/steering';

/** What is known of the time of a scale-down. */
export interface Evidence {
  /** Everything up to its end. */
  audit: AuditEntry[];
  /** The user that packdown is. */
  packdown: string;
  /** By the double of Kthena's controller. */
  recorded: readonly Decision[];
}

export function judge(scaleDown: ScaleDown, { audit, packdown, recorded }: Evidence): Verdict {
  const { subject, began, ended, before, after } = scaleDown;
  const deciding = audit
    .filter((entry) => subject.decides(entry) && entry.annotations?.[VICTIMS] !== undefined)
    .filter((entry) => isWithin(timeOf(entry.requestReceivedTimestamp), began, ended));
  const planned = deciding.flatMap(({ annotations }) => annotations?.[VICTIMS]?.split(',') ?? []).sort();
  const survivors = new Set(after.map(({ metadata }) => metadata.uid));
  const plannedPods = namesOf(before.filter((pod) => planned.some((unit) => isOf(unit, pod))));
  const gonePods = namesOf(before.filter(({ metadata }) => !survivors.has(metadata.uid)));

  const names = new Set(namesOf(before));
  const writes = audit.filter(
    ({ verb, user, objectRef }) =>
      verb === 'patch' &&
      user.username === packdown &&
      objectRef?.namespace === subject.namespace &&
      names.has(objectRef.name ?? ''),
  );
  const requests = deciding.map((entry) => ({
    milliseconds: durationOf(entry),
    costsWritten: writes.filter(({ requestReceivedTimestamp }) =>
      isWithin(timeOf(requestReceivedTimestamp), timeOf(entry.requestReceivedTimestamp), timeOf(entry.stageTimestamp)),
    ).length,
  }));
  const decisions = recorded.filter(
    ({ modelServing, at }) => modelServing === `${subject.namespace}/${subject.name}` && isWithin(at, began, ended),
  );
  const chosen = decisions.flatMap(unitsOf).sort();
  return {
    scaleDown,
    planned,
    plannedPods,
    gonePods,
    missed: gonePods.join() !== plannedPods.join(),
    disobeyed: subject.kind === 'ModelServing' ? chosen.join() !== planned.join() : null,
    hadBarePods: before.some(({ metadata }) => metadata.annotations?.[POD_DELETION_COST] === undefined),
    requests,
    decisions,
  };
}

/** Everything one needs to know about a miss. */
export function describe({ scaleDown, plannedPods, gonePods, decisions }: Verdict): string {
  const { subject, from, to, before } = scaleDown;
  const { kind, namespace, name, role } = subject;
  const list = (names: string[]) => names.join(', ') || 'none';
  const costs = before.map(({ metadata }) => `${metadata.name} ${metadata.annotations?.[POD_DELETION_COST] ?? '-'}`);
  return [
    `${kind} ${namespace}/${name}${role === null ? '' : `:${role}`} from ${from} to ${to}`,
    `  planned: ${list(plannedPods)}`,
    `  deleted: ${list(gonePods)}`,
    ...(plannedPods.length < gonePods.length ? ['  more than planned'] : []),
    `  costs before: ${list(costs.sort())}`,
    ...decisions.map((decision) => `  controller: ${describeDecision(decision)}`),
  ].join('\n');
}

function describeDecision({ group, role, wanted, candidates, chosen }: Decision): string {
  const sums = candidates.map(
    ({ ordinal, cost, ready, deleting }) =>
      `${ordinal}=${cost}${ready ? '' : ' not ready'}${deleting ? ' deleting' : ''}`,
  );
  const where = group === undefined ? '' : `${group}, role ${role}: `;
  return `${where}${wanted} wanted, sums ${sums.join(', ')}: chose ${chosen.join(', ')}`;
}

function unitsOf({ modelServing, group, role, chosen }: Decision): string[] {
  const name = modelServing.slice(modelServing.indexOf('/') + 1);
  return chosen.map((ordinal) => (group === undefined ? `${name}-${ordinal}` : `${group}/${role}-${ordinal}`));
}

function isOf(unit: string, { metadata: { name, labels = {} } }: Pod): boolean {
  const [group, roleId] = unit.split('/');
  if (roleId !== undefined) return labels[label.group] === group && labels[label.roleId] === roleId;
  return unit === name || unit === labels[label.group];
}

function namesOf(pods: Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.name).sort();
}

function isWithin(time: number, began: number, ended: number): boolean {
  return time >= began && time <= ended;
}

/** Milliseconds between a request's arrival and its answer, to the microsecond. */
export function durationOf({ requestReceivedTimestamp, stageTimestamp }: AuditEntry): number {
  return timeOf(stageTimestamp) - timeOf(requestReceivedTimestamp);
}

/** RFC 3339 with a fraction finer than Date keeps, in milliseconds since the epoch. */
function timeOf(timestamp: string): number {
  return Date.parse(`${timestamp.slice(0, 19)}Z`) + Number(`0${timestamp.slice(19, -1)}`) * 1000;
}
