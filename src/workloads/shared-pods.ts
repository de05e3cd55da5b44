import { CodedError } from '../domain/coded-error.ts';
import { namespacedName } from '../domain/fleet/namespaced-name.ts';
import { workloadName } from '../domain/fleet/workload.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';
import type { ScalingPlan } from './scaling.ts';

/**
 * Throws CodedError `WrongUsage` where two requests of a plan choose among the same pods, as those of a Deployment and
 * of its ReplicaSet do: each would count on pods that the other takes.
 */
export function refuseSharedPods({ settled }: ScalingPlan): void {
  const requests = new Map<string, ScaleRequest>();
  for (const [{ request, candidates }] of settled) {
    for (const pod of candidates.flatMap(({ pods }) => pods)) {
      const other = requests.get(namespacedName(pod)) ?? request;
      if (other !== request) {
        const names = [other, request].map(({ workload }) => workloadName(workload)).join(' and ');
        throw new CodedError('WrongUsage', `${names} have pods in common: plan one after the other`);
      }
      requests.set(namespacedName(pod), request);
    }
  }
}
