import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JsonObject, objectAt } from '../../src/workloads/core/json.ts';
import { startClusterNetwork } from './cluster-network.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { createNodes } from './control-plane/nodes.ts';
import { type FoundTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { type Kubelet, startKubelet } from './kubelet.ts';
import { startKubeletApi } from './kubelet-api.ts';
import { programIn } from './renderings.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DEPLOYMENT = '/apis/apps/v1/namespaces/packdown-system/deployments/packdown';

/** A cluster of three nodes in which packdown's manifests do what they do in one with containers. */
export interface PodCluster {
  readonly controlPlane: ControlPlane;
  readonly kubelet: Kubelet;
  /**
   * Runs a script in the root of the checkout as a user's shell would, with the tests' kubectl and helm; gives its
   * stdout.
   */
  run(script: string): Promise<string>;
  /** The ops port of a replica, once as many are ready as are asked for, and no others. */
  opsPort(): Promise<number>;
  /** Waits until scale-downs of this Deployment are judged. */
  isGuarded(deployment: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startPodCluster(found: FoundTools): Promise<PodCluster> {
  const tools = toolsIn(found);
  const controlPlane = await startControlPlane(tools, { controllers: ['job-controller'] });
  const kubelet = startKubelet(controlPlane);
  await startClusterNetwork(controlPlane, () => kubelet.ports());
  await controlPlane.startComponents(['kube-controller-manager', 'kube-scheduler', 'kwok']);
  const nodes = await createNodes(controlPlane, 3);
  await startKubeletApi(controlPlane, programIn(found, 'kwok'), nodes, () => kubelet.opsPorts()[0]);

  const programs = ['kubectl', 'helm'].flatMap((name) => tools.get(name) ?? []).map((program) => dirname(program));
  const environment = [
    `PATH=${[...programs, process.env.PATH].join(':')}`,
    `KUBECONFIG=${controlPlane.adminKubeconfig}`,
    `HOME=${controlPlane.folder}`,
  ];
  return {
    controlPlane,
    kubelet,
    async run(script) {
      // What a script leaves in the background would keep its output open.
      const whole = `trap 'jobs -p | xargs -r kill' EXIT\n${script}`;
      const shell = ['env', '-C', ROOT, ...environment, 'bash', '-euo', 'pipefail', '-c', whole] as const;
      const { code, stdout, stderr } = await controlPlane.run(...shell);
      assert.equal(code, 0, `${script}\n${stdout}${stderr}`);
      return stdout;
    },
    opsPort: () =>
      until('all replicas of packdown to be ready', async () => {
        const { spec } = await controlPlane.api.get<JsonObject>(DEPLOYMENT);
        const [port, ...others] = kubelet.opsPorts();
        const isWhole = others.length + 1 === objectAt({ spec }, 'spec').replicas;
        return isWhole && (await kubelet.isSettled()) && port;
      }),
    async isGuarded(deployment) {
      await until('the apiserver to trust the webhook', async () => {
        const absurd = ['scale', `deployment/${deployment}`, '--replicas=99999', '--dry-run=server'];
        return (await controlPlane.kubectl(...absurd)).stderr.includes('sane-counts');
      });
    },
    async stop() {
      await kubelet.stop();
      await controlPlane.stop();
    },
  };
}
