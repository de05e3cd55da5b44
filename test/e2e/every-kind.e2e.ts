import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { adapters } from '../../src/workloads/registry.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { type Installation, installPackdown } from './installation.ts';
import { minimalDefinition } from './minimal-definitions.ts';
import { deployment, statefulSet } from './objects.ts';

const found = await findTools();
/** `limits.maxReplicas`. */
const MAXIMUM = 6;
const others = adapters.filter(({ group }) => group !== 'apps');
const scalable = others.filter(({ scalable }) => scalable);
/** Read for floors and ratios, beside the workloads. */
const boundsOfKthena = ['AutoscalingPolicy', 'AutoscalingPolicyBinding'].map((kind) => ({
  group: 'workload.serving.volcano.sh',
  kind,
  resource: kind.toLowerCase().replace(/y$/, 'ie').concat('s'),
  versions: ['v1alpha1'],
}));

suite('every kind that packdown knows, on a real apiserver', { skip: skipWithout('apiserver', found) }, () => {
  let controlPlane: ControlPlane;
  let packdown: Installation;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    const instances = others.flatMap((adapter) => adapter.instances ?? []);
    await controlPlane.apply(...[...others, ...instances, ...boundsOfKthena].map(minimalDefinition));
    await kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
    packdown = await installPackdown(controlPlane, { config: { limits: { maxReplicas: MAXIMUM } } });
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(() => controlPlane?.stop());

  const kubectl = (...args: string[]) => controlPlane.kubectlOutput(...args);
  const known = (kind: string, name: string) =>
    until(
      `packdown to know ${kind} ${name}`,
      async () => (await packdown.plan(`${kind}/default/${name}=1`)).requests[0],
    );
  const refused = async (rule: string, ...args: string[]) => {
    const { code, stderr } = await controlPlane.kubectl(...args);
    assert.equal(code, 1, `kubectl ${args.join(' ')} was not refused`);
    assert.ok(stderr.includes('Forbidden') && stderr.includes(`${rule}: `), stderr);
  };
  const merge = (name: string, spec: object) => ['patch', name, '--type=merge', '-p', JSON.stringify({ spec })];

  for (const { group, kind, resource, versions } of scalable) {
    const name = `${resource}.${group}/one`;
    const specOf = (replicas: number) =>
      group === 'autoscaling.openfuyao.com' ? { scalingStrategy: { groupConfig: { replicas } } } : { replicas };

    test(`${kind} of ${group}: scale, patch and apply pass, but not with a count that a rule refuses`, async () => {
      const object = (replicas: number) => ({
        apiVersion: `${group}/${versions.at(-1)}`,
        kind,
        metadata: { name: 'one', namespace: 'default' },
        spec: specOf(replicas),
      });
      await controlPlane.apply(object(2));
      await known(`${kind}.${group}`, 'one');
      await kubectl('scale', name, '--replicas=3');
      await kubectl(...merge(name, specOf(4)));
      await controlPlane.apply(object(5));
      await refused('sane-counts', 'scale', name, `--replicas=${MAXIMUM + 1}`);
      await refused('sane-counts', ...merge(name, specOf(MAXIMUM + 1)));
      await assert.rejects(controlPlane.apply(object(MAXIMUM + 1)), /sane-counts: /);
    });
  }

  test('RoleBasedGroup, which has no /scale: roles pass, but not with one at zero that another depends on', async () => {
    const roles = (prefill: number, decode: number) => ({
      roles: [
        { name: 'prefill', replicas: prefill },
        { name: 'decode', replicas: decode, dependencies: ['prefill'] },
      ],
    });
    const metadata = { name: 'chat', namespace: 'default' };
    await controlPlane.apply({
      apiVersion: 'workloads.x-k8s.io/v1alpha2',
      kind: 'RoleBasedGroup',
      metadata,
      spec: roles(1, 2),
    });
    await kubectl(...merge('rolebasedgroups/chat', roles(1, 3)));
    await refused('dependency-zero', ...merge('rolebasedgroups/chat', roles(0, 3)));
  });

  test('DisaggregatedSet, which has no /scale: roles pass, but not with prefill alone at zero', async () => {
    const roles = (prefill: number, decode: number) => ({
      roles: [
        { name: 'prefill', spec: { replicas: prefill } },
        { name: 'decode', spec: { replicas: decode } },
      ],
    });
    const metadata = { name: 'chat', namespace: 'default' };
    await controlPlane.apply({
      apiVersion: 'disaggregatedset.x-k8s.io/v1',
      kind: 'DisaggregatedSet',
      metadata,
      spec: roles(1, 2),
    });
    await kubectl(...merge('disaggregatedsets/chat', roles(1, 3)));
    await refused('pd-both-or-none', ...merge('disaggregatedsets/chat', roles(0, 3)));
  });

  /** A stateless RoleInstanceSet and its instances, ready. */
  const roleInstances = async (name: string, names: readonly string[]) => {
    const api = 'workloads.x-k8s.io/v1alpha2';
    const metadata = {
      name,
      namespace: 'default',
      annotations: { 'rbg.workloads.x-k8s.io/role-instance-pattern': 'Stateless' },
    };
    await controlPlane.apply({ apiVersion: api, kind: 'RoleInstanceSet', metadata, spec: { replicas: names.length } });
    const uid = await kubectl('get', `roleinstancesets/${name}`, '-o=jsonpath={.metadata.uid}');
    const owner = { apiVersion: api, kind: 'RoleInstanceSet', name, uid, controller: true };
    const status = {
      componentStatuses: [{ name: 'main', size: 1 }],
      conditions: [{ type: 'RoleInstanceReady', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    };
    for (const instance of names) {
      await controlPlane.apply({
        apiVersion: api,
        kind: 'RoleInstance',
        metadata: { name: instance, namespace: 'default', ownerReferences: [owner] },
        spec: {},
        status,
      });
    }
  };

  test('RoleInstanceSet: the RoleInstance that is to go carries the cost before its controller looks', async () => {
    await roleInstances('steered', ['aa', 'bb', 'cc']);
    const planned = await until('packdown to see three instances', async () => {
      const { victims } = await packdown.plan('RoleInstanceSet/default/steered=1');
      return victims.length === 2 && victims;
    });
    const { stderr } = await controlPlane.kubectl('scale', 'roleinstancesets/steered', '--replicas=1');
    const going = planned.map(({ group }) => group ?? '');
    assert.match(stderr, new RegExp(`packdown: ${going.join(', ')} will go`));
    for (const name of ['aa', 'bb', 'cc']) {
      const cost = await kubectl(
        'get',
        `roleinstances/${name}`,
        '-o=jsonpath={.metadata.annotations.controller\\.kubernetes\\.io/instance-deletion-cost}',
      );
      assert.equal(cost, going.includes(name) ? '-1000' : '', name);
    }
  });

  test('where somebody else’s policy keeps packdown from writing the cost, the change passes, and says so', async () => {
    await roleInstances('barred', ['dd', 'ee']);
    await until('packdown to see two instances', async () => {
      const { victims } = await packdown.plan('RoleInstanceSet/default/barred=0');
      return victims.length === 2;
    });
    const rule = { apiGroups: ['workloads.x-k8s.io'], apiVersions: ['*'], operations: ['UPDATE'] };
    const policy = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: 'no-costs' } };
    await controlPlane.apply(
      {
        ...policy,
        kind: 'ValidatingAdmissionPolicy',
        spec: {
          matchConstraints: { resourceRules: [{ ...rule, resources: ['roleinstances'] }] },
          validations: [{ expression: 'false' }],
        },
      },
      {
        ...policy,
        kind: 'ValidatingAdmissionPolicyBinding',
        spec: { policyName: 'no-costs', validationActions: ['Deny'] },
      },
    );
    await until('the policy to be in effect', async () => {
      const { code } = await controlPlane.kubectl('annotate', 'roleinstances/dd', 'note=x', '--dry-run=server');
      return code !== 0;
    });
    const { code, stderr } = await controlPlane.kubectl('scale', 'roleinstancesets/barred', '--replicas=1');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /1 of 1 costs could not be written: others may go instead/);
  });

  suite('a ResourceScalingGroup with two copies of a Deployment and a StatefulSet', () => {
    const name = 'resourcescalinggroups.resourcescalinggroup.com/pair';
    const list = () => kubectl('get', name, '-o=jsonpath={.spec.scalingGroupTask.sortedGroupList}');

    before(async () => {
      const apiVersion = 'resourcescalinggroup.com/v1';
      const targetResources = [
        { kind: 'deployment', name: 'prefill', namespace: 'default' },
        { kind: 'statefulset', name: 'decode', namespace: 'default' },
      ];
      const metadata = { name: 'pair', namespace: 'default' };
      const spec = { replicas: 3, group: { groupID: 'group0', targetResources } };
      await controlPlane.apply(
        { apiVersion, kind: 'ResourceScalingGroup', metadata, spec },
        deployment('prefill', 1),
        statefulSet('decode', 1),
      );
      const uid = await kubectl('get', name, '-o=jsonpath={.metadata.uid}');
      const owner = { apiVersion, kind: 'ResourceScalingGroup', name: 'pair', uid, controller: true };
      for (const group of ['1', '2']) {
        for (const copy of [deployment(`prefill-${group}`, 1), statefulSet(`decode-${group}`, 1)]) {
          const labels = { 'resourcescalinggroup.com/group': group };
          await controlPlane.apply({ ...copy, metadata: { ...copy.metadata, labels, ownerReferences: [owner] } });
        }
      }
      await until('packdown to see three groups', async () => {
        const { victims } = await packdown.plan('ResourceScalingGroup.resourcescalinggroup.com/default/pair=0');
        return victims.length === 3;
      });
    });

    test('through /scale it is explained, and its list stays empty', async () => {
      const { code, stderr } = await controlPlane.kubectl('scale', name, '--replicas=2');
      assert.equal(code, 0, stderr);
      assert.match(stderr, /has no sortedGroupList, so its controller chooses/);
      assert.equal(await list(), '');
      await kubectl('scale', name, '--replicas=3');
    });

    test('one of its targets is not scaled on its own', () =>
      refused('fixed-ratio-members', 'scale', 'deployment/prefill', '--replicas=2'));

    test('a list with group0 first is refused', () =>
      refused('scale-down-list', ...merge(name, { scalingGroupTask: { sortedGroupList: ['group0', 'group1'] } })));

    test('an update of the object that lowers its replicas has the list filled in', async () => {
      await kubectl(...merge(name, { replicas: 2 }));
      assert.equal(await list(), '["group2","group1","group0"]');
    });

    test('a list of the user’s own stays', async () => {
      const own = { replicas: 1, scalingGroupTask: { sortedGroupList: ['group1', 'group2'] } };
      await kubectl(...merge(name, own));
      assert.equal(await list(), '["group1","group2"]');
    });
  });
});
