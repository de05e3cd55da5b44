import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import { objectAt } from '../../src/workloads/core/json.ts';
import { documents, MANIFESTS } from '../manifests/kustomize.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { createNodes } from './control-plane/nodes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { installPackdown } from './installation.ts';
import { createKthenaDefinition, type KthenaDouble, startKthenaDouble } from './kthena-double/kthena-double.ts';
import { modelServing } from './objects.ts';

const found = await findTools();
const PARTITION = 3;
const GROUPS = 5;
const HPA_CONTROLLER = 'system:serviceaccount:kube-system:horizontal-pod-autoscaler';
const belowPartition =
  'partition-floor: there would be 2 groups, the partition protects 3; keep 3 groups, scale to 0, or lower the partition';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** What the HPA controller sees when a rule refuses, and how it gets out: docs/autoscalers.md says it to users. */
suite('an HPA that drives a ModelServing below its partition', { skip: skipWithout('controllers', found) }, () => {
  let controlPlane: ControlPlane;
  let kthena: KthenaDouble;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await createKthenaDefinition(controlPlane);
    await controlPlane.startComponents(['kube-controller-manager', 'kube-scheduler', 'kwok']);
    await createNodes(controlPlane, 2);
    kthena = await startKthenaDouble({ kubeconfig: controlPlane.adminKubeconfig, seed: 1 });
    const packdown = await installPackdown(controlPlane);
    await controlPlane.apply(modelServing('llm', GROUPS, { partition: PARTITION }));
    await available(GROUPS);
    await until('packdown to know it', async () => (await packdown.plan('ModelServing/default/llm=1')).requests[0]);
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(async () => {
    await kthena?.stop();
    await controlPlane?.stop();
  });

  const kubectl = (...args: string[]) => controlPlane.kubectlOutput(...args);
  const available = (groups: number) =>
    kubectl('wait', `--for=jsonpath={.status.availableReplicas}=${groups}`, 'modelserving/llm', '--timeout=60s');
  const replicas = () => kubectl('get', 'modelserving/llm', '-o=jsonpath={.spec.replicas}');
  const ableToScale = async (): Promise<Condition | undefined> => {
    const { status }: { readonly status?: { readonly conditions?: readonly Condition[] } } = JSON.parse(
      await kubectl('get', 'hpa/llm', '-o=json'),
    );
    return status?.conditions?.find(({ type }) => type === 'AbleToScale');
  };
  const messages = (reason: string) =>
    kubectl('get', 'events', `--field-selector=reason=${reason}`, '-o=jsonpath={.items[*].message}');
  /** When the HPA controller wrote the scale, in milliseconds since the epoch, and what it was answered. */
  const attempts = async () =>
    (await controlPlane.auditLog())
      .filter(({ user, objectRef }) => user.username === HPA_CONTROLLER && objectRef?.subresource === 'scale')
      .map(({ verb, requestReceivedTimestamp, responseStatus }) => ({
        verb,
        at: Date.parse(requestReceivedTimestamp),
        code: responseStatus?.code,
      }));
  const bound = (minReplicas: number, maxReplicas: number) =>
    controlPlane.kubectlWithInput(
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'llm', namespace: 'default' },
        spec: {
          scaleTargetRef: { apiVersion: 'workload.serving.volcano.sh/v1alpha1', kind: 'ModelServing', name: 'llm' },
          minReplicas,
          maxReplicas,
        },
      },
      'apply',
      '-f',
      '-',
    );

  test('the recipe of the documentation is taken as it is written, but not with a longer look back than an hour', async () => {
    const [recipe] = documents(join(MANIFESTS, 'examples/autoscaling/hpa.yaml'));
    const dryRun = (scaleDown: object) => {
      const behavior = { ...objectAt(recipe, 'spec', 'behavior'), scaleDown };
      const metadata = { name: 'chat', namespace: 'default' };
      const object = { ...recipe, metadata, spec: { ...objectAt(recipe, 'spec'), behavior } };
      return controlPlane.kubectlWithInput(object, 'apply', '--dry-run=server', '--validate=strict', '-f', '-');
    };
    const scaleDown = objectAt(recipe, 'spec', 'behavior', 'scaleDown');
    const { code, stderr } = await dryRun(scaleDown);
    assert.equal(code, 0, stderr);
    const tooLong = await dryRun({ ...scaleDown, stabilizationWindowSeconds: 3601 });
    assert.match(tooLong.stderr, /stabilizationWindowSeconds: Invalid value: 3601/);
  });

  test('it is warned about when it is created, and created all the same', async () => {
    const { code, stderr } = await bound(2, 2);
    assert.equal(code, 0, stderr);
    assert.equal(
      stderr.trim(),
      `Warning: HorizontalPodAutoscaler/default/llm may bring ModelServing/default/llm to 2, which is refused: ${belowPartition}`,
    );
  });

  test('its event FailedRescale and its condition AbleToScale carry the sentence of the rule', async () => {
    const refusal = `admission webhook "workloads.packdown.io" denied the request: ${belowPartition}`;
    const message = await until('the event', async () => (await messages('FailedRescale')) || undefined);
    assert.ok(message.includes(`New size: 2; reason: Current number of replicas above Spec.MaxReplicas`), message);
    assert.ok(message.includes(refusal), message);
    const condition = await until('the condition', async () => {
      const current = await ableToScale();
      return current?.status === 'False' && current;
    });
    assert.equal(condition.reason, 'FailedUpdateScale');
    assert.ok(condition.message.includes(refusal), condition.message);
  });

  test('it tries again at every sync, is refused every time, and nothing goes', async () => {
    const tries = await until('five attempts', async () => {
      const all = await attempts();
      return all.length >= 5 && all;
    });
    assert.deepEqual(new Set(tries.map(({ verb, code }) => `${verb} ${code}`)), new Set(['update 403']));
    const pauses = tries.slice(1).map(({ at }, index) => at - (tries[index]?.at ?? Number.NaN));
    console.log(`milliseconds from one attempt to the next: ${pauses.join(', ')}`);
    assert.equal(await replicas(), String(GROUPS));
    assert.deepEqual(kthena.decisions, []);
  });

  test('it recovers as soon as its bounds fit the partition', async () => {
    const { code, stderr } = await bound(PARTITION, 4);
    assert.deepEqual([code, stderr], [0, '']);
    await until('the HPA to lower the count to its new maximum', async () => (await replicas()) === '4');
    assert.match(
      await until('the event', async () => (await messages('SuccessfulRescale')) || undefined),
      /New size: 4;/,
    );
    await until('the condition to say so', async () => (await ableToScale())?.status === 'True');
    await kubectl('wait', '--for=jsonpath={.status.replicas}=4', 'modelserving/llm', '--timeout=60s');
    assert.equal(kthena.decisions.length, 1);
  });

  test('it recovers likewise when the partition is lowered in place of its bounds', async () => {
    const refusedBefore = (await attempts()).filter(({ code }) => code === 403).length;
    await bound(2, 2);
    await until(
      'it to be refused',
      async () => (await attempts()).filter(({ code }) => code === 403).length > refusedBefore,
    );
    assert.equal(await replicas(), '4');
    const lower = { rolloutStrategy: { rollingUpdateConfiguration: { partition: 2 } } };
    await kubectl('patch', 'modelserving/llm', '--type=merge', '-p', JSON.stringify({ spec: lower }));
    await until('the HPA to get what it asks for', async () => (await replicas()) === '2');
    await until('the condition to say so', async () => (await ableToScale())?.status === 'True');
  });
});
