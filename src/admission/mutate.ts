import type { Config } from '../config/config.ts';
import { costSettings, isExempt } from '../config/modes.ts';
import { COST_OWNER, POD_DELETION_COST } from '../domain/fleet/annotations.ts';
import type { Pod } from '../domain/fleet/pod.ts';
import { describeSilence, isSilent } from '../domain/fleet/silence.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { hasUid } from '../domain/fleet/workload.ts';
import { bindingCost } from '../workloads/binding-cost.ts';
import { isObject, type JsonObject, objectAt, stringsAt, textOf } from '../workloads/core/json.ts';
import { addAnnotations } from '../workloads/core/json-patch.ts';
import { readPod } from '../workloads/core/pod.ts';
import { fillIn } from './fill-in.ts';
import { allowed, type Decision, patched } from './response.ts';
import type { AdmissionRequest } from './review.ts';

/**
 * Stamps a pod with its binpack cost at the moment it gets a node: on the Binding, whose annotations the apiserver
 * copies onto the pod in the same transaction, or on a pod that is created with its node already set. Only pods whose
 * controller reads costs, and never over a value that is not ours. A stale fleet gives a coarse cost, which does no
 * harm; one that was never read (staleness null) gives none. Of anything else, fills in what its adapter can, unless
 * the fleet is silent.
 */
export function mutate(
  request: AdmissionRequest,
  snapshot: Snapshot,
  config: Config,
  staleness: number | null,
): Decision {
  if (isExempt(request.namespace, snapshot, config)) return allowed();
  if (request.group !== '' || request.resource !== 'pods') {
    const filled = fillIn(request, snapshot, config);
    if (filled.patch.length === 0 || !isSilent(staleness)) return filled;
    return { ...allowed([`${describeSilence(staleness)}: nothing was filled in by what it says`]), doubt: 'stale' };
  }
  if (request.operation !== 'CREATE') return allowed();
  if (request.object === null) return allowed(['the review holds no object to look at; allowed as it is']);
  if (staleness === null) return { ...allowed(), doubt: 'stale' };
  const placement =
    request.subResource === 'binding'
      ? boundPod(request, request.object, snapshot)
      : createdPod(request, request.object);
  return placement === null ? allowed() : stamp(placement, request.object, snapshot, config);
}

interface Placement {
  readonly pod: Pod;
  readonly node: string;
}

function boundPod(request: AdmissionRequest, binding: JsonObject, snapshot: Snapshot): Placement | null {
  const { kind, name: node } = objectAt(binding, 'target');
  const uid = textOf(objectAt(binding, 'metadata').uid) ?? '';
  const pod = snapshot.pod(request.namespace, request.name);
  if (pod === undefined || typeof node !== 'string' || (kind !== undefined && kind !== '' && kind !== 'Node'))
    return null;
  return uid === '' || hasUid({ group: '', kind: 'Pod', ...pod }, uid) ? { pod, node } : null;
}

function createdPod(request: AdmissionRequest, object: JsonObject): Placement | null {
  if (request.subResource !== '') return null;
  const pod = { ...readPod(object), namespace: request.namespace };
  return pod.node === null ? null : { pod, node: pod.node };
}

function stamp({ pod, node }: Placement, object: JsonObject, snapshot: Snapshot, config: Config): Decision {
  const given = stringsAt(object, 'metadata', 'annotations')[POD_DELETION_COST];
  const cost = (given ?? pod.cost) === pod.cost ? bindingCost(pod, node, snapshot, costSettings(config)) : null;
  if (cost === null) return allowed();
  const hasAnnotations = isObject(objectAt(object, 'metadata').annotations);
  return patched(addAnnotations(hasAnnotations, { [POD_DELETION_COST]: cost, [COST_OWNER]: cost }));
}
