import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import { adapters } from '../../src/workloads/registry.ts';
import { documents, listedFiles, MANIFESTS } from '../manifests/kustomize.ts';
import { type ApiClient, ApiError, apiClient } from './control-plane/api-client.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { writeKubeconfig } from './control-plane/kubeconfig.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { minimalDefinition } from './minimal-definitions.ts';
import { pod } from './objects.ts';

const found = await findTools();

const NAMESPACE = 'packdown-system';
const PODS = '/api/v1/namespaces/default/pods';
const POD = `${PODS}/carrier`;
const INSTANCES = '/apis/workloads.x-k8s.io/v1alpha2/namespaces/default/roleinstances';
const OURS = {
  'controller.kubernetes.io/pod-deletion-cost': '7',
  'packdown.io/cost-owner': '7',
  'packdown.io/victim': 'x',
};

const annotations = (values: Record<string, string | null>) => ({ metadata: { annotations: values } });
const without = (values: object) => Object.fromEntries(Object.keys(values).map((key) => [key, null]));

suite("packdown's account on the real apiserver", { skip: skipWithout('apiserver', found) }, () => {
  let controlPlane: ControlPlane;
  let packdown: ApiClient;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    const [instances] = adapters.flatMap(({ instances = [] }) => instances);
    assert.ok(instances);
    await controlPlane.apply(minimalDefinition(instances));
    await until('roleinstances to be served', () => controlPlane.api.get<object>(INSTANCES));
    const objects = listedFiles(join(MANIFESTS, 'base')).flatMap(documents);
    await controlPlane.apply(...objects.filter(({ kind }) => !/Webhook|Deployment/.test(String(kind))));
    const kubeconfig = await writeKubeconfig(join(controlPlane.folder, 'packdown.kubeconfig'), {
      server: controlPlane.apiServerUrl,
      caFile: controlPlane.caFile,
      token: await controlPlane.serviceAccountToken(NAMESPACE, 'packdown'),
    });
    packdown = await apiClient(kubeconfig);
    await controlPlane.api.create(PODS, {
      ...pod('carrier', { annotations: { theirs: 'kept', ...OURS } }),
    });
    await controlPlane.api.patch(POD, { metadata: { labels: { app: 'carrier' } } }, 'merge');
    // RBAC refuses too, until it has read the roles.
    await until('the policy to be in effect', async () =>
      (await refusalOf(packdown.patch(`${POD}?dryRun=All`, annotations({ probe: '1' }), 'merge')))?.includes(
        "ValidatingAdmissionPolicy 'packdown'",
      ),
    );
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(async () => {
    await packdown?.close();
    await controlPlane?.stop();
  });

  test('changes, removes and adds the annotations that are its own', async () => {
    await packdown.patch(POD, annotations({ ...OURS, 'packdown.io/cost-owner': '8' }), 'merge');
    await packdown.patch(POD, annotations(without(OURS)), 'merge');
    await packdown.patch(POD, annotations(OURS), 'merge');
  });

  test('the first annotations of a pod and its last can be its own', async () => {
    await controlPlane.api.create(PODS, pod('bare'));
    await packdown.patch(`${PODS}/bare`, annotations(OURS), 'merge');
    await packdown.patch(`${PODS}/bare`, [{ op: 'remove', path: '/metadata/annotations' }], 'json');
  });

  const refused: Readonly<Record<string, [object, RegExp]>> = {
    "adding somebody else's annotation": [annotations({ ...OURS, 'packdown.io/keep': '5' }), /sets no annotations/],
    "changing somebody else's annotation": [annotations({ theirs: 'changed' }), /sets no annotations/],
    "removing somebody else's annotation": [annotations({ theirs: null }), /removes no annotations/],
    'adding a label': [{ metadata: { labels: { app: 'carrier', extra: 'x' } } }, /no labels/],
    'changing a label': [{ metadata: { labels: { app: 'other' } } }, /no labels/],
    'removing all labels': [{ metadata: { labels: null } }, /no labels/],
    'adding a finalizer': [{ metadata: { finalizers: ['example.com/stay'] } }, /finalizers/],
    'adding an owner': [
      { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'x' }] } },
      /owners/,
    ],
    'changing the image': [[{ op: 'replace', path: '/spec/containers/0/image', value: 'other:1' }], /no spec/],
    'adding a toleration': [[{ op: 'add', path: '/spec/tolerations/-', value: { operator: 'Exists' } }], /no spec/],
  };
  for (const [what, [patch, reason]] of Object.entries(refused)) {
    test(`is refused ${what}`, async () => {
      const refusal = await refusalOf(packdown.patch(POD, patch, Array.isArray(patch) ? 'json' : 'merge'));
      assert.match(refusal ?? 'it was let through', reason);
    });
  }

  test('of RoleInstances it may write the costs alone too', async () => {
    const metadata = { name: 'decode-0', annotations: { theirs: 'kept' } };
    await controlPlane.api.create(INSTANCES, {
      apiVersion: 'workloads.x-k8s.io/v1alpha2',
      kind: 'RoleInstance',
      metadata,
      spec: { a: 1 },
      status: { b: 1 },
    });
    const instance = `${INSTANCES}/decode-0`;
    await packdown.patch(instance, annotations({ 'controller.kubernetes.io/instance-deletion-cost': '3' }), 'merge');
    for (const patch of [{ spec: { a: 2 } }, { status: { b: 2 } }, annotations({ theirs: null })]) {
      const refusal = await refusalOf(packdown.patch(instance, patch, 'merge'));
      assert.match(refusal ?? 'it was let through', /ValidatingAdmissionPolicy 'packdown'/);
    }
  });

  test('others may do as before', async () => {
    await controlPlane.api.patch(POD, { metadata: { labels: { free: 'yes' }, annotations: { free: 'yes' } } }, 'merge');
  });

  test('were it given every right on pods, it could bind with its annotations, and nothing else', async () => {
    await controlPlane.kubectlOutput(
      ...['create', 'clusterrolebinding', 'packdown-everything', '--clusterrole=cluster-admin'],
      `--serviceaccount=${NAMESPACE}:packdown`,
    );
    await until('the rights', () => packdown.get<object>('/api/v1/secrets'));
    const binding = (metadata: object) => ({
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'carrier', ...metadata },
      target: { kind: 'Node', name: 'none' },
    });
    const attempts = [
      packdown.create(PODS, pod('another')),
      packdown.delete(POD),
      packdown.patch(`${POD}/status`, { status: { message: 'x' } }, 'merge'),
      packdown.create(`${POD}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'carrier' } }),
      packdown.create(`${POD}/exec?command=date&stdout=true`, {}),
      packdown.create(`${POD}/binding`, binding({ annotations: { theirs: 'changed' } })),
      packdown.create(`${POD}/binding`, binding({ labels: { app: 'changed' } })),
    ];
    const refusals = await Promise.all(attempts.map(refusalOf));
    assert.deepEqual(
      refusals.map((refusal) => /packdown ((changes|sets no) annotations|binds without labels)/.test(refusal ?? '')),
      attempts.map(() => true),
      refusals.join('\n'),
    );
    await packdown.create(`${POD}/binding`, binding({ annotations: OURS }));
  });
});

/** The message of a refusal; null where there was none. */
async function refusalOf(attempt: Promise<unknown>): Promise<string | null> {
  try {
    await attempt;
    return null;
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}
