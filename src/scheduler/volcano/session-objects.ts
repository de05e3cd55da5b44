import type { LoadedNode } from '../../domain/fleet/node.ts';
import type { Pod } from '../../domain/fleet/pod.ts';
import type { Toleration } from '../../domain/fleet/taint.ts';
import { NANOS_PER_MILLI, NANOS_PER_UNIT } from '../../domain/resources/quantity.ts';
import type { Resources } from '../../domain/resources/resource-list.ts';
import { isObject, type JsonObject, listAt, numberOf, objectAt, textOf } from '../../workloads/core/json.ts';
import { readPod } from '../../workloads/core/pod.ts';
import { refusalsOf } from '../invalid-body.ts';

const { invalid, read } = refusalsOf('InvalidVolcanoRequest', "request of Volcano's extender plugin", 'vc-scheduler');

export { invalid };

/** What is to be placed: api.TaskInfo in Volcano. */
export interface Task {
  /** Its requests are the task's, which leave init containers out. */
  readonly pod: Pod;
  /** What has to be free on a node for it to start there, init containers and all. */
  readonly toStart: Resources;
  readonly nodeSelector: Readonly<Record<string, unknown>>;
  readonly tolerations: readonly Toleration[];
  /**
   * Whether more decides where it fits than what it requests, selects and tolerates: affinity, a spread that must hold,
   * ports of the host, volumes or devices that it claims.
   */
  readonly hasFurtherTerms: boolean;
}

/** Reads the task of a request. Throws CodedError `InvalidVolcanoRequest`. */
export function readTask(body: JsonObject): Task {
  return read('task', () => {
    const task = objectAt(body, 'task');
    if (!isObject(task.Pod)) throw invalid('task.Pod is missing');
    const pod = readPod(task.Pod);
    const spec = objectAt(task.Pod, 'spec');
    return {
      pod: isObject(task.Resreq) ? { ...pod, requests: readResource(task.Resreq) } : pod,
      toStart: isObject(task.InitResreq) ? readResource(task.InitResreq) : pod.requests,
      nodeSelector: objectAt(spec, 'nodeSelector'),
      tolerations: listAt(spec, 'tolerations').map(readToleration),
      hasFurtherTerms: hasAffinity(objectAt(spec, 'affinity')) || isTied(spec),
    };
  });
}

function readToleration({ key, operator, value, effect }: JsonObject): Toleration {
  return {
    key: textOf(key) ?? '',
    operator: textOf(operator) || 'Equal',
    value: textOf(value) ?? '',
    effect: textOf(effect) ?? '',
  };
}

function hasAffinity(affinity: JsonObject): boolean {
  const isRequired = (kind: string) =>
    listAt(affinity, kind, 'requiredDuringSchedulingIgnoredDuringExecution').length > 0;
  return isObject(affinity.nodeAffinity) || isRequired('podAffinity') || isRequired('podAntiAffinity');
}

/** Whether its spread, ports, volumes or devices leave it some nodes only. */
function isTied(spec: JsonObject): boolean {
  const containers = [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')];
  return (
    listAt(spec, 'topologySpreadConstraints').some(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'ScheduleAnyway') ||
    containers
      .flatMap((container) => listAt(container, 'ports'))
      .some(({ hostPort }) => (numberOf(hostPort) ?? 0) > 0) ||
    listAt(spec, 'volumes').some((volume) => isObject(volume.persistentVolumeClaim) || isObject(volume.ephemeral)) ||
    listAt(spec, 'resourceClaims').length > 0
  );
}

export interface SessionNode extends LoadedNode {
  /** What is on it, bound or not, each `<namespace>/<name>`. */
  readonly tasks: readonly string[];
}

/**
 * Reads a node, api.NodeInfo in Volcano, with what the session has placed on it so far. Throws CodedError
 * `InvalidVolcanoRequest`.
 */
export function readSessionNode(node: unknown): SessionNode {
  return read('a node', () => {
    const { Name, Used, Allocatable, Tasks } = isObject(node) ? node : {};
    const name = textOf(Name) ?? '';
    if (name === '') throw invalid('a node has no Name');
    return {
      name,
      used: readResource(objectAt({ Used }, 'Used')),
      allocatable: readResource(objectAt({ Allocatable }, 'Allocatable')),
      tasks: Object.keys(objectAt({ Tasks }, 'Tasks')),
    };
  });
}

/** Throws CodedError `InvalidVolcanoRequest`. */
export function objectBody(body: unknown): JsonObject {
  if (isObject(body)) return body;
  throw invalid('it is no object');
}

/** api.Resource in Volcano: floats, memory in bytes, everything else in thousandths. */
function readResource({ MilliCPU, Memory, ScalarResources }: JsonObject): Resources {
  const scalars = Object.entries(objectAt({ ScalarResources }, 'ScalarResources'));
  return new Map([
    ['cpu', whole(MilliCPU) * NANOS_PER_MILLI],
    ['memory', whole(Memory) * NANOS_PER_UNIT],
    ...scalars.map(([name, amount]): [string, bigint] => [name, whole(amount) * NANOS_PER_MILLI]),
  ]);
}

function whole(amount: unknown): bigint {
  const number = numberOf(amount) ?? 0;
  return BigInt(Math.round(Number.isFinite(number) ? number : 0));
}
