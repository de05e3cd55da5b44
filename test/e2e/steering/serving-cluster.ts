import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';
import { createNodes } from '../control-plane/nodes.ts';
import type { Tools } from '../control-plane/tools.ts';
import { type FaultProxy, startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { type Installation, type InstallationOptions, installPackdown } from '../installation.ts';
import { createKthenaDefinition, type KthenaDouble, startKthenaDouble } from '../kthena-double/kthena-double.ts';
import { fencePod, type ScaleDown, Scaler, settled } from './scale-downs.ts';
import type { Subject } from './subjects.ts';
import { judge, type Verdict } from './verdicts.ts';

const NAMESPACE = 'llm';

/** A control plane with all its controllers, nodes and packdown, which reaches the apiserver through a proxy. */
export interface ServingCluster {
  controlPlane: ControlPlane;
  kthena: KthenaDouble;
  proxy: FaultProxy;
  packdown: Installation;
  scaler: Scaler;
  /** Applies workloads of the namespace `llm` and waits until all their pods are ready. */
  create(subjects: Subject[]): Promise<void>;
  judge(scaleDowns: ScaleDown[]): Promise<Verdict[]>;
  stop(): Promise<void>;
}

export async function startServingCluster(
  tools: Tools,
  { nodes, ...options }: { nodes: number } & Omit<InstallationOptions, 'apiServer'>,
): Promise<ServingCluster> {
  const controlPlane = await startControlPlane(tools);
  try {
    await createKthenaDefinition(controlPlane);
    await controlPlane.startComponents(['kube-controller-manager', 'kwok']);
    await controlPlane.api.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    const kthena = await startKthenaDouble({ kubeconfig: controlPlane.adminKubeconfig, seed: 1 });
    const proxy = await startFaultProxy(controlPlane);
    const packdown = await installPackdown(controlPlane, { ...options, apiServer: proxy });
    await controlPlane.startScheduler([packdown.extender], packdown.schedulerProfiles);
    await createNodes(controlPlane, nodes);
    await controlPlane.api.create('/api/v1/namespaces/default/pods', fencePod);
    return {
      controlPlane,
      kthena,
      proxy,
      packdown,
      scaler: new Scaler(controlPlane, packdown),
      create: async (subjects) => {
        await controlPlane.apply(...subjects.map(({ object }) => object));
        await Promise.all(subjects.map((subject) => settled(controlPlane, subject, subject.most)));
      },
      judge: async (scaleDowns) => {
        const evidence = {
          audit: await controlPlane.auditLog(),
          packdown: packdown.username,
          recorded: kthena.decisions,
        };
        return scaleDowns.map((scaleDown) => judge(scaleDown, evidence));
      },
      stop: async () => {
        await kthena.stop();
        await proxy.close();
        await controlPlane.stop();
      },
    };
  } catch (error) {
    console.error(await controlPlane.logs());
    await controlPlane.stop();
    throw error;
  }
}
