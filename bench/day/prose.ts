import { DAY_MINUTES } from './figures.ts';
import { NODES, WORKLOADS } from './fleet.ts';
import { STABILIZATION_SECONDS } from './play.ts';

/** What was played, and what the figures are. */
export const INTRO = `kube-controller-manager's HPA controller scales ${WORKLOADS.length} workloads on ${NODES} nodes of 8 GPUs by an external metric, requests in flight to a
model, all by itself; kube-scheduler, the Deployment, ReplicaSet and StatefulSet controllers and the LeaderWorkerSet controller are the
real ones, kwok plays the kubelets, and a test double stands in for Kthena's controller (\`test/e2e/kthena-double\`). The load is the first
day of three models of ServeGen (\`bench/day/data\`): each workload follows one of them, up to an hour early or late, and has its
most replicas at the peak, and never fewer than a quarter of them.

- **without packdown**: kube-scheduler as it comes, which spreads pods.
- **packing scheduler alone**: the profile of \`manifests/scheduler\` (MostAllocated, no default spreading).
- **with packdown**: that profile with packdown's extender, and packdown's webhooks, configured as in \`manifests/base\`.

In one day all begin alike, with pods that kube-scheduler as it comes has placed, and what packs is turned on at midnight, as where packdown
is installed on a cluster that runs. In the other, what packs has placed the first pods too.

Each figure is the mean of the days that were played, one a seed, with the lowest and the highest; the plot has the first. Free node-hours are
nodes without a pod, summed over the day. Perfect packing is the same pods moved at will, which nobody does. "Free
for over 10 minutes" leaves out the first ten minutes of every time that a node is free: Cluster Autoscaler waits so long before it
removes one (\`--scale-down-unneeded-time\`).`;

/** What is short in a day of so many seconds, and is not in a cluster. */
export function caveats(seconds: number): string {
  const minutes = (DAY_MINUTES / seconds).toFixed(1);
  return `What is short here and is not in a cluster: an HPA looks every second, that is every ${minutes} minutes of the day, and scales down by the
highest count of the last ${STABILIZATION_SECONDS} seconds. A pod of the double takes up to two seconds to end. packdown's leader looks ahead every 30 seconds,
that is ${Math.floor(seconds / 30)} times a day.`;
}
