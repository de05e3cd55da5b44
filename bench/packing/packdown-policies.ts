import { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { binpackWeights, defaultConfig } from '../../src/config/config.ts';
import { KeptScores } from '../../src/scheduler/kept-scores.ts';
import type { Preferences } from '../../src/scheduler/node-scores.ts';
import { prioritize } from '../../src/scheduler/prioritize.ts';
import { prioritizeTask } from '../../src/scheduler/volcano/prioritize.ts';
import { readNode } from '../../src/workloads/core/node.ts';
import { readPod } from '../../src/workloads/core/pod.ts';
import type { PodShape } from './openb.ts';
import { balanceScore, fitScore } from './policies.ts';
import { type Amounts, requestsOf, type SimulatedNode } from './simulated-node.ts';
import type { Policy } from './simulation.ts';

const GPU = 'nvidia.com/gpu';
/**
 * packdown as it is installed, and with `scheduler.stranding` as docs/tune.md advises where pods without GPUs run on
 * GPU nodes.
 */
const WEIGHTS = binpackWeights(defaultConfig);
const INSTALLED = { ...defaultConfig.scheduler, targetSet: [] };
const TUNED = { ...INSTALLED, stranding: 2 };

/**
 * Of manifests/scheduler/kube-scheduler-config.yaml: what the extender's whole points and the profile's own scores
 * count.
 */
const EXTENDER_POINT = 5 * 10;
const mostAllocated = fitScore('MostAllocated', { cpu: 1, memory: 1, gpu: 5 });
const profileScore = (pod: PodShape, node: SimulatedNode) => mostAllocated(pod, node) + balanceScore(pod, node);

/**
 * packdown's prioritize, added to the scores of the profile in manifests/scheduler, for the pods that kube-scheduler
 * asks it about.
 */
export function packdownExtender(name: string, isAsked: (pod: PodShape) => boolean): Policy {
  return {
    name,
    begin: (nodes) => {
      const fleet = new FleetIndex();
      for (const { name, capacity } of nodes)
        fleet.putNode(readNode({ metadata: { name }, status: { allocatable: resourceList(capacity) } }));
      const scores = new KeptScores(WEIGHTS);
      let placed = 0;
      return {
        scores: (pod, asked) => {
          const body = { Pod: podObject(pod, 'new', null), Nodes: null, NodeNames: asked.map(({ name }) => name) };
          const priorities = isAsked(pod) ? prioritize(body, fleet, TUNED, scores) : [];
          return asked.map((node, index) => EXTENDER_POINT * (priorities[index]?.Score ?? 0) + profileScore(pod, node));
        },
        placed: (pod, node) => {
          placed += 1;
          fleet.putPod(readPod(podObject(pod, `placed-${placed}`, node.name)));
        },
      };
    },
  };
}

/** packdown's answer to Volcano's prioritize, in place of the plugin binpack. */
const answeringVolcano = (name: string, preferences: Preferences): Policy => ({
  name,
  begin: () => {
    const fleet = new FleetIndex();
    return {
      scores: (pod, asked) => {
        const nodes = asked.map(({ name, capacity, used }) => ({
          Name: name,
          Allocatable: volcanoResource(capacity),
          Used: volcanoResource(used),
        }));
        const task = { Pod: podObject(pod, 'new', null), Resreq: volcanoResource(requestsOf(pod)) };
        const { nodeScore } = prioritizeTask({ task, nodes }, fleet, WEIGHTS, preferences);
        return asked.map(({ name }) => nodeScore[name] ?? 0);
      },
    };
  },
});

export const INSTALLED_VOLCANO = answeringVolcano('packdown as installed, Volcano', INSTALLED);
export const PACKDOWN_VOLCANO = answeringVolcano('packdown, Volcano', TUNED);

function podObject(pod: PodShape, name: string, nodeName: string | null) {
  const resources = { requests: resourceList(requestsOf(pod)) };
  return {
    metadata: { namespace: 'openb', name, uid: name },
    spec: { containers: [{ name: 'openb', resources }], ...(nodeName !== null && { nodeName }) },
    status: { phase: nodeName === null ? 'Pending' : 'Running' },
  };
}

/** Shares of devices are told in thousandths, which no device plugin does: the traces have them. */
function resourceList({ cpu, memory, gpu }: Amounts) {
  return { cpu: `${cpu}m`, memory: `${memory}Mi`, ...(gpu > 0 && { [GPU]: `${gpu}m` }) };
}

/** api.Resource in Volcano. */
function volcanoResource({ cpu, memory, gpu }: Amounts) {
  return { MilliCPU: cpu, Memory: memory * 2 ** 20, ScalarResources: gpu > 0 ? { [GPU]: gpu } : {} };
}
