import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { type Installation, installPackdown } from './installation.ts';
import { createKthenaDefinition } from './kthena-double/kthena-double.ts';
import { deployment, modelServing, replicaSet, statefulSet } from './objects.ts';
import { pathOf, replicaChanges, type Workload } from './replica-changes.ts';

const found = await findTools();
const skip = skipWithout('apiserver', found);
const skipWithControllers = skipWithout('controllers', found);
/** `limits.maxReplicas`. */
const MAXIMUM = 6;

suite('guarding changes of replicas', { skip }, () => {
  let controlPlane: ControlPlane;
  let packdown: Installation;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await createKthenaDefinition(controlPlane);
    packdown = await installPackdown(controlPlane, { config: { limits: { maxReplicas: MAXIMUM } } });
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(() => controlPlane?.stop());

  const kubectl = (...args: string[]) => controlPlane.kubectlOutput(...args);
  const refused = async (sentence: string, ...args: string[]) => {
    const { code, stderr } = await controlPlane.kubectl(...args);
    assert.equal(code, 1, `kubectl ${args.join(' ')} was not refused`);
    assert.ok(stderr.includes('Forbidden') && stderr.includes(sentence), stderr);
  };
  const replicasOf = async (workload: Workload) =>
    (await controlPlane.api.get<Workload>(pathOf(workload))).spec.replicas;
  const known = ({ kind, metadata }: Workload) =>
    until(`packdown to know ${kind} ${metadata.name}`, async () => {
      const { requests } = await packdown.plan(`${kind}/${metadata.namespace}/${metadata.name}=1`);
      return requests.length === 1;
    });

  const guarded: [Workload, string][] = [
    [deployment('web', 2), 'replicas'],
    [replicaSet('bare', 2), 'replicas'],
    [statefulSet('ordered', 2), 'replicas'],
    [modelServing('llm', 2), 'groups'],
  ];
  for (const [workload, noun] of guarded) {
    for (const [way, change] of Object.entries(replicaChanges)) {
      test(`${workload.kind}: ${way} passes, but not with a count that a rule refuses`, async () => {
        await controlPlane.apply(workload);
        await known(workload);
        const passed = await change(controlPlane, workload, 3);
        assert.equal(passed.code, 0, passed.stderr);
        assert.equal(await replicasOf(workload), 3);

        const { code, stderr } = await change(controlPlane, workload, MAXIMUM + 1);
        assert.equal(code, 1);
        assert.equal(
          stderr.trim().replace(/^Error from server \(Forbidden\): .*denied the request: /s, ''),
          `sane-counts: the number of ${noun} would be ${MAXIMUM + 1}, the maximum is ${MAXIMUM}; ` +
            `give a whole number from 0 to ${MAXIMUM}, or raise limits.maxReplicas`,
        );
        assert.equal(await replicasOf(workload), 3);
      });
    }
  }

  suite('of a ModelServing with roles, a gang and a partition', () => {
    const roles = { prefill: { replicas: 1, gangMinimum: 1 }, decode: { replicas: 3, gangMinimum: 2 } };
    const gang = modelServing('gang', 4, { roles, partition: 2 });
    const scaleDecode = (replicas: number) => [
      'patch',
      'modelserving/gang',
      '--type=json',
      '-p',
      JSON.stringify([{ op: 'replace', path: '/spec/template/roles/1/replicas', value: replicas }]),
    ];
    const belowPartition =
      'partition-floor: there would be 1 group, the partition protects 2; keep 2 groups, scale to 0, or lower the partition';

    before(async () => {
      await controlPlane.apply(gang);
      await known(gang);
    });

    test('groups below the partition are refused through /scale', () =>
      refused(belowPartition, 'scale', 'modelserving/gang', '--replicas=1'));

    test('groups below the partition are refused on the object', () =>
      refused(belowPartition, 'patch', 'modelserving/gang', '--type=merge', '-p', '{"spec":{"replicas":1}}'));

    test('a role below its gang is refused', () =>
      refused(
        'gang-floor: role decode would have 1 replica per group, its gang needs 2; ' +
          'scale groups instead, or create it anew with a smaller gang',
        ...scaleDecode(1),
      ));

    test('prefill without decode is refused, with every rule that it breaks', () =>
      refused(
        'pd-both-or-none: role decode would have 0 replicas per group and role prefill 1 replica; ' +
          'scale both to 0 in one update, or keep at least 1 replica of decode',
        ...scaleDecode(0),
      ));

    test('what breaks no rule passes: a role down to its gang, groups down to the partition, and none at all', async () => {
      await kubectl(...scaleDecode(2));
      await kubectl('scale', 'modelserving/gang', '--replicas=2');
      await kubectl('scale', 'modelserving/gang', '--replicas=0');
      assert.equal(await replicasOf(gang), 0);
    });
  });

  test('a namespace labelled packdown.io/ignore is not guarded', async () => {
    const web = deployment('web', 1);
    const ignored = { ...web, metadata: { ...web.metadata, namespace: 'ignored' } };
    const labels = { 'packdown.io/ignore': 'true' };
    await controlPlane.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ignored', labels } }, ignored);
    await kubectl('-n', 'ignored', 'scale', 'deployment/web', `--replicas=${MAXIMUM + 1}`);
    assert.equal(await replicasOf(ignored), MAXIMUM + 1);
  });

  suite('by the HPA controller', { skip: skipWithControllers }, () => {
    before(() => controlPlane.startComponents(['kube-controller-manager']));

    for (const workload of [deployment('elastic', 2), modelServing('elastic', 2)]) {
      test(`${workload.kind}: it raises the count, and is told the rule's sentence when it may not`, async () => {
        await controlPlane.apply(workload);
        await known(workload);
        await controlPlane.apply(autoscaler(workload, 3));
        await until('the HPA to raise the count to its minimum', async () => (await replicasOf(workload)) === 3);

        await controlPlane.apply(autoscaler(workload, MAXIMUM + 1));
        const failures = ['get', 'events', '--field-selector=reason=FailedRescale', '-o=jsonpath={.items[*].message}'];
        const message = await until('the HPA to say why it cannot', async () => {
          const said = await kubectl(...failures);
          return said !== '' && said;
        });
        assert.match(
          message,
          new RegExp(`denied the request: sane-counts: .* would be ${MAXIMUM + 1}, the maximum is`),
        );
        assert.equal(await replicasOf(workload), 3);
        await kubectl('delete', 'hpa,events', '--all');
      });
    }
  });
});

/** Corrects a count below its minimum at once, without metrics. */
function autoscaler({ apiVersion, kind, metadata }: Workload, minReplicas: number): object {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: { scaleTargetRef: { apiVersion, kind, name: metadata.name }, minReplicas, maxReplicas: 2 * MAXIMUM },
  };
}
