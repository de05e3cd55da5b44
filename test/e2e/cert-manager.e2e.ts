import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, suite, test } from 'node:test';
import { type JsonObject, listAt, objectAt, stringsAt } from '../../src/workloads/core/json.ts';
import { goModuleFolder } from './control-plane/go-module.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { deployment } from './objects.ts';
import { type PodCluster, startPodCluster } from './pod-cluster.ts';
import { programIn } from './renderings.ts';
import { shellBlocks } from './shell-blocks.ts';

const found = await findTools(['kubernetes', 'kwok', 'cert-manager']);
const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';
const SECRET = '/api/v1/namespaces/packdown-system/secrets/packdown-tls';
/** How docs/install.md ends what cert-manager does. */
const ending = shellBlocks(readFileSync(new URL('../../docs/install.md', import.meta.url), 'utf8')).filter(
  ({ script }) => script.includes('components/cert-manager'),
);

suite("overlays/cert-manager with cert-manager's own controllers", { skip: skipWithout('controllers', found) }, () => {
  let cluster: PodCluster;

  before(async () => {
    cluster = await startPodCluster(found);
    const { controlPlane } = cluster;
    const sources = await goModuleFolder(controlPlane, 'cert-manager', 'github.com/cert-manager/cert-manager');
    await cluster.run(`kubectl create -f ${sources}/deploy/crds
      kubectl wait --for=condition=Established crd --all --timeout=60s`);
    controlPlane.startProgram('cert-manager', programIn(found, 'cert-manager'), [controlPlane.adminKubeconfig]);
    await controlPlane.apply(deployment('web', 3));
  });

  afterEach((context) => printLogsOfFailure(context, cluster.controlPlane));

  after(() => cluster?.stop());

  test('the certificate is issued, the webhooks trust it, packdown serves with it, and changes are judged', async () => {
    const { api } = cluster.controlPlane;
    await cluster.run('kubectl apply -k manifests/overlays/cert-manager');
    await cluster.run('kubectl -n packdown-system wait --for=condition=Ready certificate --all --timeout=50s');
    await cluster.opsPort();
    const authority = stringsAt(await api.get<JsonObject>(SECRET), 'data')['ca.crt'];
    assert.ok(authority);
    for (const kind of ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations']) {
      await until(`the caBundle of ${kind}`, async () => {
        const configuration = await api.get<JsonObject>(`${CONFIGURATIONS}/${kind}/packdown`);
        return listAt(configuration, 'webhooks').every(
          (webhook) => objectAt(webhook, 'clientConfig').caBundle === authority,
        );
      });
    }
    await cluster.isGuarded('web');
    await cluster.run('kubectl scale deployment/web --replicas=2');
    await until('the Event', async () =>
      (await cluster.run('kubectl get events --field-selector=reason=SteeredScaleDown')).includes('will go'),
    );
  });

  test('packdown makes the certificate in its place once that is taken away as docs/install.md says', async () => {
    const [block, ...others] = ending;
    assert.ok(block);
    assert.deepEqual(others, []);
    await cluster.run(`${block.script}\nkubectl apply -k manifests/overlays/self-signed`);
    await cluster.run('kubectl -n packdown-system rollout status deployment/packdown --timeout=50s');
    await cluster.opsPort();
    await cluster.isGuarded('web');
    assert.equal((await cluster.controlPlane.api.get<JsonObject>(SECRET)).type, 'Opaque');
  });
});
