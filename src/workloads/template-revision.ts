import type { Pod } from '../domain/fleet/pod.ts';
import { REVISION } from './kthena/labels.ts';
import { TEMPLATE_REVISION } from './lws/labels.ts';

/** Kubernetes' own label of what is made from a ControllerRevision. */
export const CONTROLLER_REVISION = 'controller-revision-hash';

/** Labels of pods by which controllers that replace them in place tell what template they were made from. */
const LABELS = [REVISION, TEMPLATE_REVISION, CONTROLLER_REVISION];

/** The revision of the template that a pod was made from; undefined where its controller does not say. */
export function templateRevisionOf({ labels }: Pod): string | undefined {
  for (const label of LABELS) if (labels[label] !== undefined) return labels[label];
  return undefined;
}
