import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import { type JsonObject, objectAt } from '../../src/workloads/core/json.ts';
import { withComposition } from '../manifests/compositions.ts';
import { documents, MANIFESTS, nameOf } from '../manifests/kustomize.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { goModuleFolder } from './control-plane/go-module.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { charted, kustomized, NAMESPACE } from './renderings.ts';

const found = await findTools(['kubernetes', 'helm']);
const COMPONENTS = readdirSync(join(MANIFESTS, 'components'));
const POLICY = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/packdown';

/** Sets of the chart's values that between them render every line of it. */
const VALUES: readonly (readonly string[])[] = [
  [],
  ['certificates=provided', 'clientCertificates=true', 'priorityClassName=system-cluster-critical'],
  ['certificates=cert-manager', 'strict=true', 'highAvailability=true', 'clientCertificates=true', 'bind=true'],
  [
    'secondScheduler.enabled=true',
    'image.pullSecrets={login}',
    'nodeSelector.pool=a',
    'tolerations[0].operator=Exists',
  ],
];

suite('everything that is installed, on a real apiserver', { skip: skipWithout('controllers', found) }, () => {
  let controlPlane: ControlPlane;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found), {
      controllers: ['validatingadmissionpolicy-status-controller'],
    });
    const certManager = await goModuleFolder(controlPlane, 'cert-manager', 'github.com/cert-manager/cert-manager');
    const definitions = ['certificates', 'issuers'].map((name) => `deploy/crds/cert-manager.io_${name}.yaml`);
    for (const file of definitions) await kubectl('create', '-f', join(certManager, file));
    await kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
    await kubectl('apply', '-f', join(MANIFESTS, 'base/namespace.yaml'));
    await controlPlane.startComponents(['kube-controller-manager']);
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(() => controlPlane?.stop());

  const kubectl = (...args: string[]) => controlPlane.kubectlOutput(...args);
  /**
   * The apiserver's own judgement: schemas, unknown and repeated fields, CEL, defaults, and what admission says of
   * pods.
   */
  const check = async (objects: readonly JsonObject[]) => {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    const { code, stdout, stderr } = await controlPlane.kubectlWithInput(
      list,
      ...['apply', '--dry-run=server', '--validate=strict', '-f', '-'],
    );
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    assert.equal(stdout.trim().split('\n').length, objects.length);
    for (const object of objects.filter(({ kind }) => kind === 'Deployment' || kind === 'Job')) {
      const { metadata, spec } = objectAt(object, 'spec', 'template');
      const pod = { metadata: { ...objectAt({ metadata }, 'metadata'), name: `${nameOf(object)}-pod` }, spec };
      await controlPlane.api.create(`/api/v1/namespaces/${NAMESPACE}/pods?dryRun=All&fieldValidation=Strict`, pod);
    }
  };

  const folders = ['base', 'cleanup', ...readdirSync(join(MANIFESTS, 'overlays')).map((name) => `overlays/${name}`)];
  for (const folder of folders) {
    test(`${folder} is valid to the last field, and its pods are restricted ones`, async () => {
      await check(kustomized(found, join(MANIFESTS, folder)));
    });
  }

  test('all components together are', async () => {
    for (const left of ['self-signed', 'cert-manager']) {
      const components = COMPONENTS.filter((name) => name !== left);
      await check(withComposition(components, (folder) => kustomized(found, folder)));
    }
  });

  for (const values of VALUES) {
    test(`the chart with ${values.join(', ') || 'its defaults'} is`, async () => {
      await check(charted(found, values));
    });
  }

  test('a field that does not exist, or a pod that may be root, would be noticed', async () => {
    const [job] = documents(join(MANIFESTS, 'cleanup/job.yaml'));
    assert.ok(job);
    const text = JSON.stringify(job);
    const spoilt = (from: string, to: string): JsonObject => JSON.parse(text.replace(from, to));
    await assert.rejects(check([spoilt('backoffLimit', 'backofLimit')]), /unknown field "backofLimit"/);
    await assert.rejects(check([spoilt('"runAsNonRoot":true', '"runAsNonRoot":false')]), /violate PodSecurity/);
  });

  test("the admission policy's expressions fit the types that they are about", async () => {
    await kubectl('apply', '-f', join(MANIFESTS, 'base/admission-policy.yaml'));
    const { metadata, status } = await until('the policy to be type-checked', async () => {
      const policy = await controlPlane.api.get<JsonObject>(POLICY);
      return objectAt(policy, 'status').observedGeneration === objectAt(policy, 'metadata').generation && policy;
    });
    assert.equal(objectAt({ metadata }, 'metadata').name, 'packdown');
    assert.deepEqual(objectAt({ status }, 'status', 'typeChecking'), {});
  });
});
