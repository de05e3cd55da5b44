import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import { listAt, objectAt } from '../../src/workloads/core/json.ts';
import { adapters } from '../../src/workloads/registry.ts';
import { documents, MANIFESTS } from '../manifests/kustomize.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { createNodes } from './control-plane/nodes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { type PodLives, recordPodLives } from './day/pod-lives.ts';
import { judgeDay } from './day/verdict.ts';
import { type ExternalMetrics, startExternalMetrics } from './external-metrics.ts';
import { type Installation, installPackdown } from './installation.ts';
import { createKedaDefinitions, KEDA_USER, startKeda } from './keda/keda.ts';
import { type PrometheusDouble, startPrometheusDouble } from './keda/prometheus-double.ts';
import { createKthenaDefinition, type KthenaDouble, startKthenaDouble } from './kthena-double/kthena-double.ts';
import { minimalDefinition } from './minimal-definitions.ts';
import { modelServing } from './objects.ts';

const found = await findTools(['kubernetes', 'kwok', 'keda']);
const [recipe] = documents(join(MANIFESTS, 'examples/autoscaling/scaled-object.yaml'));
const PER_GROUP = 10;
const GROVE = { apiVersion: 'grove.io/v1alpha1', kind: 'PodCliqueScalingGroup' };

interface KedaEvent {
  reason: string;
  note: string;
}

interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

/**
 * KEDA's operator with the recipe of docs/autoscalers.md: from none and to none by itself, in between by an HPA of its
 * making.
 */
suite('a ScaledObject of KEDA on Prometheus', { skip: skipWithout('controllers', found) }, () => {
  let controlPlane: ControlPlane;
  let kthena: KthenaDouble;
  let packdown: Installation;
  let prometheus: PrometheusDouble;
  let metrics: ExternalMetrics;
  let lives: PodLives;
  /** Requests in flight, and whether the router has refused some. */
  let load = { active: 0, refused: 0 };

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await createKthenaDefinition(controlPlane);
    await createKedaDefinitions(controlPlane);
    await controlPlane.apply(...adapters.filter(({ kind }) => kind === GROVE.kind).map(minimalDefinition));
    await controlPlane.startComponents(['kube-controller-manager', 'kwok']);
    await createNodes(controlPlane, 4);
    kthena = await startKthenaDouble({ kubeconfig: controlPlane.adminKubeconfig, seed: 1 });
    packdown = await installPackdown(controlPlane, { config: { steering: { budget: '4s' } } });
    await controlPlane.startScheduler([packdown.extender], packdown.schedulerProfiles);
    lives = await recordPodLives(controlPlane);
    prometheus = await startPrometheusDouble((query) => (query.includes('503') ? load.refused : load.active));
    // KEDA's metrics adapter asks its operator, which asks Prometheus.
    metrics = await startExternalMetrics(controlPlane, (metric) =>
      metric === 's0-prometheus' ? load.active : load.refused,
    );
    await startKeda(controlPlane, toolsIn(found));
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(async () => {
    prometheus?.close();
    await lives?.stop();
    await metrics?.close();
    await kthena?.stop();
    await controlPlane?.stop();
  });

  const kubectl = (...args: string[]) => controlPlane.kubectlOutput(...args);
  const groups = (count: number) =>
    kubectl('wait', `--for=jsonpath={.status.replicas}=${count}`, 'modelserving/chat', '--timeout=60s');
  /** Who has brought the scale to this count, by the audit log. */
  const scaledBy = async (replicas: number) =>
    (await controlPlane.auditLog()).findLast(
      ({ objectRef, requestObject }) =>
        // A Scale of none has no replicas in it.
        objectRef?.subresource === 'scale' && (objectAt(requestObject, 'spec').replicas ?? 0) === replicas,
    )?.user.username;

  test('the recipe is taken as it is written', async () => {
    const { code, stderr } = await controlPlane.kubectlWithInput(
      { ...recipe, metadata: { name: 'chat', namespace: 'default' } },
      'apply',
      '--dry-run=server',
      '--validate=strict',
      '-f',
      '-',
    );
    assert.equal(code, 0, stderr);
  });

  test('with no request in flight it stays at none', async () => {
    await controlPlane.apply(modelServing('chat', 0), quickened());
    await until('the ScaledObject to be ready', async () => {
      const conditions = await kubectl('get', 'scaledobject/chat', '-o=jsonpath={.status.conditions}');
      return /"type":"Ready"/.test(conditions) && /"status":"True","type":"Ready"/.test(conditions);
    });
    await until('both queries', async () => prometheus.queries().length === 2);
    assert.equal(await kubectl('get', 'modelserving/chat', '-o=jsonpath={.spec.replicas}'), '0');
  });

  test('a request that was refused brings the first group, by KEDA itself', async () => {
    load = { active: 0, refused: 1 };
    await groups(1);
    assert.equal(await scaledBy(1), KEDA_USER);
  });

  test('more of them bring more, by the HPA that KEDA made', async () => {
    load = { active: 4 * PER_GROUP, refused: 0 };
    await groups(4);
    assert.notEqual(await scaledBy(4), KEDA_USER);
  });

  test('fewer take groups away, and none takes the last one, each as packdown said', async () => {
    load = { active: PER_GROUP, refused: 0 };
    await groups(1);
    load = { active: 0, refused: 0 };
    await groups(0);
    assert.equal(await scaledBy(0), KEDA_USER);
    await until('the pods to be gone', async () => lives.all().every(({ goneAt }) => goneAt !== null));
    const { scaleDowns, gone, unplanned, spared } = judgeDay(await controlPlane.auditLog(), lives.all());
    assert.deepEqual({ unplanned, spared, gone }, { unplanned: [], spared: [], gone: 8 });
    assert.ok(scaleDowns >= 2);
  });

  test('none that a rule refuses is an event and a condition with the sentence of the rule, again and again', async () => {
    await controlPlane.apply({
      ...GROVE,
      metadata: { name: 'pair', namespace: 'default' },
      spec: { replicas: 2, minAvailable: 1 },
    });
    await until('packdown to know it', () => packdown.plan('PodCliqueScalingGroup/default/pair=1'));
    await controlPlane.apply(quickened('pair', GROVE));
    const refusal = 'admission webhook "workloads.packdown.io" denied the request: gang-floor: ';
    const event = await until('the event', async () => {
      const { items } = await controlPlane.api.get<{ items: KedaEvent[] }>(
        '/apis/events.k8s.io/v1/namespaces/default/events',
      );
      return items.find(({ reason }) => reason === 'KEDAScaleTargetDeactivationFailed');
    });
    console.log(event.note);
    assert.ok(
      event.note.startsWith('Failed to deactivate grove.io/v1alpha1.PodCliqueScalingGroup default/pair from 2 to 0: '),
    );
    assert.ok(event.note.includes(refusal), event.note);
    const ready = await until('the condition', async () => {
      const { status } = await controlPlane.api.get<{ status?: { conditions?: Condition[] } }>(
        '/apis/keda.sh/v1alpha1/namespaces/default/scaledobjects/pair',
      );
      return status?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'False');
    });
    assert.equal(ready.reason, 'ErrorScalingTarget');
    assert.ok(ready.message.includes(refusal), ready.message);
    await until('three attempts', async () => {
      const entries = (await controlPlane.auditLog()).filter(
        ({ user, objectRef }) =>
          user.username === KEDA_USER && objectRef?.name === 'pair' && objectRef.subresource === 'scale',
      );
      return entries.length >= 3 && entries.every(({ responseStatus }) => responseStatus?.code === 403);
    });
    assert.equal(await kubectl('get', 'podcliquescalinggroups/pair', '-o=jsonpath={.spec.replicas}'), '2');
  });

  /** The recipe with the addresses of this test, and seconds in place of minutes. */
  function quickened(name = 'chat', target: object = objectAt(recipe, 'spec', 'scaleTargetRef')): object {
    const spec = objectAt(recipe, 'spec');
    const triggers = listAt(spec, 'triggers').map((trigger) => ({
      ...trigger,
      metadata: { ...objectAt(trigger, 'metadata'), serverAddress: prometheus.url },
    }));
    const scaleDown = { stabilizationWindowSeconds: 1, policies: [{ type: 'Percent', value: 100, periodSeconds: 1 }] };
    const advanced = { horizontalPodAutoscalerConfig: { behavior: { scaleDown } } };
    return {
      ...recipe,
      metadata: { name, namespace: 'default' },
      spec: { ...spec, scaleTargetRef: { ...target, name }, triggers, advanced, pollingInterval: 1, cooldownPeriod: 2 },
    };
  }
});
