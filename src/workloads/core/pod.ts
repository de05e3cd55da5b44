import { COST_OWNER, KEEP, POD_DELETION_COST, VICTIM } from '../../domain/fleet/annotations.ts';
import type { Pod, PodPhase } from '../../domain/fleet/pod.ts';
import { readVictimMark } from '../../domain/fleet/victim-mark.ts';
import { podRequests } from '../../domain/resources/pod-requests.ts';
import type { Resources } from '../../domain/resources/resource-list.ts';
import { type JsonObject, listAt, numberOf, objectAt, textOf, timeOf } from './json.ts';
import { readMetadata } from './metadata.ts';
import { readSpreadConstraints } from './spread-constraints.ts';

const PHASES: readonly PodPhase[] = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];
const KEEP_LIMIT = 1000;
/** Cluster Autoscaler takes such a pod for a DaemonSet's. */
const LIKE_DAEMONSET = 'cluster-autoscaler.kubernetes.io/daemonset-pod';

/**
 * Reads a Kubernetes Pod. Throws QuantityError for a request that is no quantity, CodedError for a list that is none.
 */
export function readPod(object: JsonObject): Pod {
  const { namespace, name, uid, labels, annotations, controller, deleting } = readMetadata(object);
  const metadata = objectAt(object, 'metadata');
  const spec = objectAt(object, 'spec');
  const status = objectAt(object, 'status');
  const conditions = listAt(status, 'conditions');
  const ready = conditions.find(({ type }) => type === 'Ready');
  const isEvicted = conditions.some(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  const deletingUntil = timeOf(metadata.deletionTimestamp);
  const sidecarRestarts = mostRestarts(sidecarStatuses(spec, status));
  return {
    namespace,
    name,
    uid,
    labels,
    controller,
    node: textOf(spec.nodeName) || null,
    requests: requestsOf(spec, status),
    phase: PHASES.find((phase) => phase === status.phase) ?? 'Pending',
    ready: ready?.status === 'True',
    readySince: ready?.status === 'True' ? timeOf(ready.lastTransitionTime) : null,
    created: timeOf(metadata.creationTimestamp) ?? 0,
    restarts: mostRestarts(listAt(status, 'containerStatuses')),
    ...(sidecarRestarts > 0 && { sidecarRestarts }),
    deleting,
    ...(deletingUntil !== null && { deletingUntil }),
    ...(isEvicted && { evicted: true as const }),
    mirror: 'kubernetes.io/config.mirror' in annotations || annotations[LIKE_DAEMONSET] === 'true',
    cost: annotations[POD_DELETION_COST] ?? null,
    costOwner: annotations[COST_OWNER] ?? null,
    victim: readVictimMark(annotations[VICTIM]),
    keep: keepOf(annotations[KEEP]),
    spread: readSpreadConstraints(spec, labels),
  };
}

/**
 * Looks at the lists first, which throws for what is none: podRequests relies on its types, and the compiler lets any
 * JsonObject pass for them.
 */
function requestsOf(spec: JsonObject, status: JsonObject): Resources {
  for (const key of ['containers', 'initContainers']) listAt(spec, key);
  for (const key of ['conditions', 'containerStatuses', 'initContainerStatuses']) listAt(status, key);
  return podRequests(spec, status);
}

function mostRestarts(statuses: readonly JsonObject[]): number {
  return Math.max(0, ...statuses.map(({ restartCount }) => numberOf(restartCount) ?? 0));
}

/** Of the init containers that run as long as the pod. */
function sidecarStatuses(spec: JsonObject, status: JsonObject): readonly JsonObject[] {
  const statuses = listAt(status, 'initContainerStatuses');
  if (statuses.length === 0) return [];
  const sidecars = listAt(spec, 'initContainers').filter(({ restartPolicy }) => restartPolicy === 'Always');
  return statuses.filter(({ name }) => sidecars.some((sidecar) => sidecar.name === name));
}

function keepOf(text: string | undefined): number {
  if (text === undefined || !/^-?\d+$/.test(text)) return 0;
  return Math.min(KEEP_LIMIT, Math.max(-KEEP_LIMIT, Number(text)));
}
