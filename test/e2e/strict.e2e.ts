import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { type JsonObject, objectAt } from '../../src/workloads/core/json.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { deployment } from './objects.ts';
import { type PodCluster, startPodCluster } from './pod-cluster.ts';
import { isReady, listPods } from './pods.ts';

const found = await findTools();
const WEB = '/apis/apps/v1/namespaces/default/deployments/web';
const OURS = 'kubectl -n packdown-system';

/**
 * What has nothing to do with a guarded workload, or is exempt, so that a cluster and packdown itself can come back.
 */
const GOES_ON: Readonly<Record<string, string>> = {
  'pods are created and deleted': `kubectl run alone --image=none
    kubectl wait --for=condition=Ready pod/alone --timeout=30s
    kubectl delete pod alone`,
  'nodes are drained, and lose and get their labels': `kubectl drain node-0 --force --timeout=30s
    kubectl uncordon node-0
    kubectl label node node-0 example.com/a=b`,
  'a Deployment is created and gets its pods':
    'kubectl create deployment late --image=none; kubectl rollout status deployment/late --timeout=30s',
  'workloads of kube-system are scaled': `kubectl -n kube-system create deployment dns --image=none
    kubectl -n kube-system scale deployment/dns --replicas=2
    kubectl -n kube-system rollout status deployment/dns --timeout=30s`,
  'Leases are created and renewed': `kubectl -n default create -f - <<< '{"apiVersion":"coordination.k8s.io/v1","kind":"Lease",
      "metadata":{"name":"somebody"},"spec":{"holderIdentity":"a"}}'
    kubectl patch lease somebody --type=merge -p '{"spec":{"holderIdentity":"b"}}'`,
  "packdown's own ConfigMaps, Secrets and Leases are written": `${OURS} annotate configmap packdown example.com/a=b
    ${OURS} annotate secret packdown-tls example.com/a=b
    ${OURS} annotate lease packdown example.com/a=b`,
  'a namespace is exempt as soon as it is labelled': `kubectl create namespace cni
    kubectl -n cni create deployment cni --image=none
    if kubectl -n cni scale deployment/cni --replicas=2; then exit 1; fi
    kubectl label namespace cni packdown.io/ignore=true
    for _ in {1..50}; do kubectl -n cni scale deployment/cni --replicas=2 && break; sleep 0.2; done
    kubectl -n cni rollout status deployment/cni --timeout=30s`,
};

suite('overlays/strict, whose webhook fails closed', { skip: skipWithout('controllers', found) }, () => {
  let cluster: PodCluster;

  before(async () => {
    cluster = await startPodCluster(found);
    await cluster.controlPlane.apply(deployment('web', 3));
    await cluster.run('kubectl apply -k manifests/overlays/strict');
    await cluster.opsPort();
    await cluster.isGuarded('web');
    await until('a leader', async () => (await cluster.run(`${OURS} get lease packdown --ignore-not-found`)) !== '');
  });

  afterEach((context) => printLogsOfFailure(context, cluster.controlPlane));

  after(() => cluster?.stop());

  const replicas = async () => objectAt(await cluster.controlPlane.api.get<JsonObject>(WEB), 'spec').replicas;
  const webPods = async () =>
    (await listPods(cluster.controlPlane)).filter(({ metadata }) => metadata.labels?.app === 'web');

  test('without packdown a change of a workload is refused, by a message that names the webhook', async () => {
    await cluster.run(`${OURS} scale deployment/packdown --replicas=0`);
    await until(
      'packdown to be gone',
      async () => cluster.kubelet.ports().length === 0 && (await cluster.kubelet.isSettled()),
    );
    const { code, stderr } = await cluster.controlPlane.kubectl('scale', 'deployment/web', '--replicas=2');
    assert.equal(code, 1);
    assert.match(stderr, /failed calling webhook "workloads\.packdown\.io": .*packdown\.packdown-system\.svc/);
    assert.equal(await replicas(), 3);
  });

  test('pods that are lost are replaced', async () => {
    const lost = (await webPods()).map(({ metadata }) => metadata.uid);
    await cluster.run('kubectl delete pods -l app=web --wait=false');
    await until('three other pods', async () => {
      const pods = await webPods();
      return pods.length === 3 && pods.every((one) => isReady(one) && !lost.includes(one.metadata.uid));
    });
  });

  for (const [what, script] of Object.entries(GOES_ON)) {
    test(what, async () => void (await cluster.run(script)));
  }

  test('packdown comes back, and the same change is let through and steered', async () => {
    assert.equal(cluster.kubelet.ports().length, 0);
    await cluster.run(`${OURS} scale deployment/packdown --replicas=2`);
    await cluster.opsPort();
    await cluster.isGuarded('web');
    await cluster.run('kubectl scale deployment/web --replicas=2');
    assert.equal(await replicas(), 2);
    const events = 'kubectl get events --field-selector=reason=SteeredScaleDown';
    await until('the Event', async () => (await cluster.run(events)).includes('will go'));
  });
});
