import type { Decision } from '../admission/response.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import type { Steered } from '../admission/steered.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import type { EventObject, WorkloadEvent } from '../domain/fleet/workload-event.ts';
import { objectAt } from '../workloads/core/json.ts';
import { readMetadata } from '../workloads/core/metadata.ts';
import { topmostOwner } from '../workloads/owners-above.ts';
import { adapterOf, adapterOfResource } from '../workloads/registry.ts';

/** Bytes that the apiserver takes of a note. */
const LONGEST_NOTE = 1024;

/**
 * The Event of a scale-down that was admitted, about the workload that people scale: of a ReplicaSet, its Deployment.
 * Null where there is nothing to tell: nothing goes, nobody can steer this kind, or it is steered further down. Only of
 * what the fleet shows: others may name any object in a review.
 */
export function eventOfScaleDown(steered: Steered, snapshot: Snapshot): WorkloadEvent | null {
  const told = reasonOf(steered);
  const resized = snapshot.workload(steered.workload);
  if (told === null || resized === undefined || resized.uid !== steered.workload.uid) return null;
  const owner = topmostOwner(resized, snapshot);
  const isOwned = owner !== resized;
  const changes = steered.changes.map(
    ({ role, from, to }) => `${role === null ? '' : `${role} `}from ${from} to ${to}`,
  );
  const what = `${isOwned ? `${resized.kind} ${resized.name} ` : ''}${changes.join(', ')}`;
  return {
    ...told,
    regarding: referenceTo(owner),
    related: isOwned ? referenceTo(resized) : null,
    note: cut(`${what}: ${steered.says.join('; ')}`),
  };
}

/**
 * The Event of a change of replicas that was refused, about what was to change; null where nothing was, or on a dry
 * run.
 */
export function eventOfRefusal(
  { allowed, message }: Decision,
  request: AdmissionRequest,
  snapshot: Snapshot,
): WorkloadEvent | null {
  if (allowed || request.dryRun) return null;
  const { group, resource, namespace, name, oldObject } = request;
  const adapter = adapterOfResource(group, resource);
  const workload = adapter && snapshot.workload({ group, kind: adapter.kind, namespace, name });
  if (workload === undefined || workload.uid !== readMetadata(objectAt(oldObject)).uid) return null;
  return {
    type: 'Warning',
    reason: 'RefusedReplicaChange',
    action: 'Refuse',
    regarding: referenceTo(workload),
    related: null,
    note: cut(message ?? ''),
  };
}

function reasonOf({ outcome, plan }: Steered): Pick<WorkloadEvent, 'type' | 'reason' | 'action'> | null {
  const isSomethingGoing = plan !== null && plan.victims.length > 0;
  switch (outcome) {
    case 'steered':
    case 'unchanged':
      return isSomethingGoing ? { type: 'Normal', reason: 'SteeredScaleDown', action: 'Steer' } : null;
    case 'observed':
      return isSomethingGoing ? { type: 'Normal', reason: 'ObservedScaleDown', action: 'Observe' } : null;
    case 'unsteerable':
      // Without a warning, its controller takes no advice from anybody, and nothing is wrong.
      return plan !== null && plan.warnings.length > 0 ? UNSTEERED : null;
    case 'partial':
    case 'disagreement':
    case 'limited':
    case 'stale':
    case 'failed':
      return UNSTEERED;
    case 'deferred':
      return null;
    default:
      return outcome satisfies never;
  }
}

const UNSTEERED = { type: 'Warning', reason: 'UnsteeredScaleDown', action: 'Steer' } as const;

function referenceTo(workload: Workload): EventObject {
  const { namespace, name, kind, uid } = workload;
  const { group, versions } = adapterOf(workload);
  return { apiVersion: `${group}/${versions.at(-1) ?? 'v1'}`, kind, namespace, name, uid };
}

/** The beginning of a text, in as many bytes as a note may have. */
function cut(text: string): string {
  if (Buffer.byteLength(text) <= LONGEST_NOTE) return text;
  const ellipsis = '…';
  const bytes = new Uint8Array(LONGEST_NOTE - Buffer.byteLength(ellipsis));
  const { read } = new TextEncoder().encodeInto(text, bytes);
  return `${text.slice(0, read)}${ellipsis}`;
}
