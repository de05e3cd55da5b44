import { autoscalingPolicy } from '../kthena/policy-reach.ts';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
import type { AutoscalerKind } from './reach.ts';
import { scaledObject } from './scaled-object.ts';

/** Every kind whose bounds are looked at when they are written. */
export const autoscalers: readonly AutoscalerKind[] = [horizontalPodAutoscaler, scaledObject, autoscalingPolicy];

/** By API group and plural, e.g. `autoscaling` and `horizontalpodautoscalers`. */
export function autoscalerOfResource(group: string, resource: string): AutoscalerKind | undefined {
  return autoscalers.find((autoscaler) => autoscaler.group === group && autoscaler.resource === resource);
}
