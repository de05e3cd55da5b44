import { binpackWeights, type Config } from '../config/config.ts';
import { modeOf } from '../config/modes.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { podScore } from '../domain/score/pod-score.ts';
import { adapterOfResource } from '../workloads/registry.ts';
import { allowed, type Decision, patched } from './response.ts';
import { type AdmissionRequest, resourceName } from './review.ts';

/** Fills in what a workload object may itself say of the order of a scale-down; only where packdown steers. */
export function fillIn(request: AdmissionRequest, snapshot: Snapshot, config: Config): Decision {
  const { group, resource, namespace, object, oldObject } = request;
  const adapter = adapterOfResource(group, resource);
  if (adapter?.fillIn === undefined) {
    return allowed([`packdown does not change ${resourceName(request)}; allowed as it is`]);
  }
  if (request.operation !== 'UPDATE' || request.subResource !== '') return allowed();
  if (object === null || oldObject === null) {
    return allowed(['the review holds no object and oldObject to compare; allowed as it is']);
  }
  if (modeOf({ ...adapter.read(object), namespace }, snapshot, config) !== 'steer') return allowed();
  const binpack = binpackWeights(config);
  const { patch, warnings } = adapter.fillIn(oldObject, object, snapshot, {
    ...config.resourceScalingGroup,
    scoreOf: (pod) => podScore(pod, snapshot, binpack),
  });
  return { ...patched(patch), warnings: warnings.map((warning) => `packdown: ${warning}`) };
}
