import type { Cluster } from './control-plane/cluster.ts';
import { until } from './control-plane/wait.ts';
import { costOf, listPods, nameOf } from './pods.ts';
import type { Replica } from './replica.ts';
import { scaleOf } from './steering/scale-downs.ts';
import type { Subject } from './steering/subjects.ts';

/**
 * Waits until packdown sees exactly the pods there are, each where it is and with the cost it carries, and so many
 * replicas.
 */
export async function untilPackdownAgrees(
  cluster: Cluster,
  packdown: Replica,
  counts: readonly (readonly [Subject, number])[],
  { timeout = 180_000 }: { timeout?: number } = {},
): Promise<void> {
  await until(
    'packdown to see the cluster as it is',
    async () => {
      const [pods, costs] = [await listPods(cluster), await packdown.costs()];
      const there = pods.map((pod) => [nameOf(pod), pod.spec.nodeName ?? '', costOf(pod) ?? ''].join(' '));
      const seen = costs.map(({ pod, node, cost }) => [pod, node ?? '', cost ?? ''].join(' '));
      const difference = [
        ...there.filter((line) => !seen.includes(line)).map((line) => `not seen: ${line}`),
        ...seen.filter((line) => !there.includes(line)).map((line) => `not there: ${line}`),
      ];
      if (difference.length > 0) throw new Error(difference.join('\n'));
      for (const [subject, count] of counts) {
        const scale = scaleOf(subject, count);
        const { requests } = await packdown.plan(scale);
        const [wrong] = requests.filter(({ from }) => from !== count);
        if (wrong !== undefined) throw new Error(`not ${scale}, but ${wrong.from}`);
      }
      return true;
    },
    { timeout },
  );
}
