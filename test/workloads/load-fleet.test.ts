import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dump } from 'js-yaml';
import { loadFleet } from '../../src/cluster/embedded/load-fleet.ts';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { podRequests } from '../../src/domain/resources/pod-requests.ts';
import { policyObject } from '../builders/kthena-objects.ts';

const KTHENA = 'workload.serving.volcano.sh/v1alpha1';
const labelsOf = (serving: string, group: number) => ({
  'modelserving.volcano.sh/name': serving,
  'modelserving.volcano.sh/group-name': `${serving}-${group}`,
  'modelserving.volcano.sh/role': 'decode',
  'modelserving.volcano.sh/role-id': 'decode-0',
  'modelserving.volcano.sh/entry': 'true',
});

const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1' },
  status: { allocatable: { cpu: 64, memory: '512Gi' } },
};
const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'llm', labels: { team: 'blue' }, annotations: { a: 'b' } },
};
const serving = {
  apiVersion: KTHENA,
  kind: 'ModelServing',
  metadata: { name: 'chat', namespace: 'llm' },
  spec: { replicas: 2, template: { roles: [{ name: 'decode' }] } },
};
const podOf = (name: string, metadata: object = {}, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'llm', ...metadata },
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'main', resources: { requests: { cpu: '500m', memory: '1.5Gi' } } }],
    ...spec,
  },
});
const chat0 = podOf('chat-0-decode-0-0', { labels: labelsOf('chat', 0) });
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'chat', namespace: 'llm' }, spec: {} };
const objects = [chat0, service, node, namespace, serving];

/** What a fleet holds, as plain data. */
function contentOf(fleet: FleetIndex): object {
  return {
    nodes: [...fleet.nodes()],
    pods: [...fleet.pods()],
    workloads: [...fleet.workloads()],
    namespace: fleet.namespace('llm'),
  };
}

for (const replicas of ['3', -3, 3.5])
  it(`a fleet with ${JSON.stringify(replicas)} for a count is not read`, () => {
    const web = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas } };
    assert.throws(
      () => load(list(web)),
      /web: a count of replicas in it is no whole number from 0 on; write it without quotes/,
    );
  });

const load = (text: string): FleetIndex => loadFleet(text, 'fleet.yaml');
const list = (...items: readonly object[]): string => dump({ apiVersion: 'v1', kind: 'List', items });

describe('a fleet', () => {
  it('is the same as a List, as many documents, as JSON, and in any order', () => {
    const expected = contentOf(load(list(...objects)));
    const others = {
      documents: objects.map((object) => dump(object)).join('---\n'),
      'documents with empty ones between': `---\n# nodes\n---\n${objects.map((object) => dump(object)).join('---\n---\n')}---\n`,
      'several lists': [objects.slice(0, 2), objects.slice(2)].map((items) => list(...items)).join('---\n'),
      'a List in JSON': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
      'JSON with tabs': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, '\t'),
      'a list of one kind': `${dump({ apiVersion: KTHENA, kind: 'ModelServingList', items: [serving] })}---\n${list(chat0, node, namespace)}`,
      'a List of Lists': list(...objects.map((object) => ({ apiVersion: 'v1', kind: 'List', items: [object] }))),
      'another order': list(...objects.toReversed()),
    };
    for (const [form, text] of Object.entries(others)) assert.deepEqual(contentOf(load(text)), expected, form);
  });

  it('holds what was written, in the words of packdown', () => {
    const fleet = load(list(...objects));
    assert.deepEqual(
      [...fleet.nodes()].map(({ name }) => name),
      ['n1'],
    );
    assert.deepEqual(fleet.namespace('llm'), { name: 'llm', labels: { team: 'blue' }, annotations: { a: 'b' } });
    const [workload] = fleet.workloads();
    assert.deepEqual(
      [
        workload?.kind,
        workload?.replicas,
        workload?.roles.map(({ name, replicas, workers }) => [name, replicas, workers]),
      ],
      ['ModelServing', 2, [['decode', 1, 0]]],
    );
    const pod = fleet.pod('llm', chat0.metadata.name);
    assert.deepEqual(
      pod?.requests,
      podRequests({ containers: [{ resources: { requests: { cpu: '500m', memory: '1.5Gi' } } }] }),
    );
    assert.equal(pod?.node, 'n1');
  });

  it('may say what objects have in common once, as an anchor that others merge', () => {
    const first = '&first {apiVersion: v1, kind: Node, metadata: {name: n1}, status: {allocatable: {cpu: 8}}}';
    const fleet = load(`kind: List\nitems:\n- ${first}\n- {<<: *first, metadata: {name: n2}}\n`);
    assert.deepEqual(
      [...fleet.nodes()].map(({ name }) => name),
      ['n1', 'n2'],
    );
    assert.deepEqual(fleet.node('n2')?.allocatable, fleet.node('n1')?.allocatable);
  });

  it('passes over kinds that it has no use for', () => {
    const fleet = load(list(service, node));
    assert.deepEqual([[...fleet.workloads()].length, [...fleet.nodes()].length], [0, 1]);
  });

  it('reads keys of a pod that have nothing after them as if they were left out', () => {
    const empty = podOf('bare', {}, { resources: null, overhead: null, initContainers: null });
    assert.deepEqual(contentOf(load(list(empty))), contentOf(load(list(podOf('bare')))));
  });

  it('takes the core kinds of the core group only', () => {
    const foreign = { apiVersion: 'metrics.k8s.io/v1beta1', kind: 'Pod', metadata: { name: 'x' }, containers: [] };
    assert.deepEqual([...load(list(foreign, node)).pods()], []);
  });
});

describe('what a file leaves out is filled in', () => {
  it('the namespace: default', () => {
    const bare = { ...serving, metadata: { name: 'chat' } };
    const pod = podOf('chat-0-decode-0-0', { namespace: undefined, labels: labelsOf('chat', 0) });
    const fleet = load(list(pod, bare));
    const [workload] = fleet.workloads();
    assert.equal(workload?.namespace, 'default');
    assert.equal(fleet.pod('default', 'chat-0-decode-0-0')?.controller?.uid, workload?.uid);
  });

  it('the namespace of an AutoscalingPolicy: that of what it declares a ratio for too', () => {
    const { spec } = policyObject();
    const fleet = load(list(policyObject({ metadata: { name: 'pair' }, spec })));
    const group = 'workload.serving.volcano.sh';
    const policies = fleet.ratioPoliciesOf({ group, kind: 'ModelServing', namespace: 'default', name: 'chat' });
    assert.deepEqual(
      policies.map(({ namespace, target }) => [namespace, target.namespace]),
      [['default', 'default']],
    );
  });

  it('the namespace of a scaler: that of what it scales too', () => {
    const scaler = {
      apiVersion: 'workloads.x-k8s.io/v1alpha2',
      kind: 'RoleBasedGroupScalingAdapter',
      metadata: { name: 'chat-decode' },
      spec: { replicas: 2, scaleTargetRef: { name: 'chat', role: 'decode' } },
    };
    const [read] = load(list(scaler)).workloads();
    assert.deepEqual([read?.namespace, read?.target?.namespace], ['default', 'default']);
  });

  it('the owner of a Kthena pod: by its labels', () => {
    const fleet = load(list(...objects));
    const [workload] = fleet.workloads();
    assert.ok(workload);
    assert.deepEqual(
      fleet.podsOf(workload.uid).map(({ name }) => name),
      ['chat-0-decode-0-0'],
    );
    assert.equal(load(list(chat0, node)).pod('llm', chat0.metadata.name)?.controller, null);
  });

  it('that a pod on a node runs, and that one that runs is ready', () => {
    const stateOf = (spec: object, status: object | undefined) => {
      const [pod] = load(list({ ...podOf('a'), spec: { containers: [], ...spec }, status })).pods();
      return [pod?.phase, pod?.ready];
    };
    const unready = [{ type: 'Ready', status: 'False' }];
    assert.deepEqual(stateOf({ nodeName: 'n1' }, undefined), ['Running', true]);
    assert.deepEqual(stateOf({ nodeName: 'n1' }, { phase: 'Running' }), ['Running', true]);
    assert.deepEqual(stateOf({ nodeName: 'n1' }, { phase: 'Running', conditions: unready }), ['Running', false]);
    assert.deepEqual(stateOf({ nodeName: 'n1' }, { phase: 'Pending' }), ['Pending', false]);
    assert.deepEqual(stateOf({}, undefined), ['Pending', false]);
  });

  it('uids: different for everything, and the same in references', () => {
    const reference = (kind: string, name: string) => ({
      ownerReferences: [{ apiVersion: 'apps/v1', kind, name, controller: true }],
    });
    const apps = (kind: string, name: string, metadata: object = {}) => ({
      apiVersion: 'apps/v1',
      kind,
      metadata: { name, namespace: 'llm', ...metadata },
      spec: { replicas: 1 },
    });
    // The same name everywhere: only kinds tell them apart.
    const pods = [podOf('a', reference('ReplicaSet', 'web')), podOf('b', reference('StatefulSet', 'web'))];
    const sets = [
      apps('ReplicaSet', 'web', reference('Deployment', 'web')),
      apps('StatefulSet', 'web'),
      apps('Deployment', 'web'),
    ];
    const fleet = load(list(...pods, ...sets));
    const key = (kind: string) => ({ group: 'apps', kind, namespace: 'llm', name: 'web' });
    const uidOf = (kind: string) => fleet.workload(key(kind))?.uid ?? assert.fail(`no ${kind}`);
    assert.deepEqual(
      fleet.podsOf(uidOf('ReplicaSet')).map(({ name }) => name),
      ['a'],
    );
    assert.deepEqual(
      fleet.podsOf(uidOf('StatefulSet')).map(({ name }) => name),
      ['b'],
    );
    assert.deepEqual(
      fleet.workloadsOf(uidOf('Deployment')).map(({ kind }) => kind),
      ['ReplicaSet'],
    );
    const uids = [...fleet.pods(), ...fleet.workloads()].map(({ uid }) => uid);
    assert.equal(new Set(uids).size, uids.length);
  });

  it('uids in references: the ones that the owners have, whatever the order of the file', () => {
    const owner = (kind: string, name: string) => ({
      ownerReferences: [{ apiVersion: 'apps/v1', kind, name, controller: true }],
    });
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'llm', uid: 'd' },
      spec: {},
    };
    const replicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'web-1', namespace: 'llm', uid: 'r', ...owner('Deployment', 'web') },
      spec: {},
    };
    const items = [podOf('a', owner('ReplicaSet', 'web-1')), replicaSet, deployment];
    for (const order of [items, items.toReversed()]) {
      const fleet = load(list(...order));
      assert.deepEqual(
        fleet.podsOf('r').map(({ name }) => name),
        ['a'],
      );
      assert.deepEqual(
        fleet.workloadsOf('d').map(({ name }) => name),
        ['web-1'],
      );
    }
  });

  it('but no uid that is written', () => {
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'gone', controller: true }];
    const replicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'web', namespace: 'llm', uid: 'new' },
      spec: {},
    };
    const fleet = load(list(podOf('a', { uid: 'a', ownerReferences }), replicaSet));
    assert.deepEqual(fleet.podsOf('new'), []);
    assert.equal(fleet.pod('llm', 'a')?.uid, 'a');
  });
});

describe('a file that is no fleet is refused', () => {
  const cases: readonly [title: string, text: string, what: string][] = [
    ['when it is empty', '', 'it holds no Kubernetes object'],
    ['when it holds only comments', '# nothing yet\n', 'it holds no Kubernetes object'],
    ['when it holds an empty document', '---\n', 'it holds no Kubernetes object'],
    ['when it holds an empty List', list(), 'it holds no Kubernetes object'],
    ['when it is a text', 'nodes', 'it holds no Kubernetes object'],
    ['for an object without a kind', dump({ metadata: { name: 'x' } }), 'an object x: it has no kind'],
    [
      'for an object without a name',
      dump({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'llm' } }),
      'Pod llm/without a name: it has no metadata.name',
    ],
    [
      'for a request that is no quantity',
      list(node, podOf('a', {}, { containers: [{ resources: { requests: { cpu: '4 cores' } } }] })),
      'Pod llm/a: The quantity of cpu, "4 cores" is not valid: write a number with an optional suffix, such as 500m, 2, 1.5Gi or 1e3.',
    ],
    [
      'for an allocatable amount that is no quantity',
      list({ ...node, status: { allocatable: { memory: 'lots' } } }),
      'Node n1: The quantity of memory, "lots" is not valid: write a number with an optional suffix, such as 500m, 2, 1.5Gi or 1e3.',
    ],
    [
      'for roles that are no list',
      list({ ...serving, spec: { template: { roles: { decode: 1 } } } }),
      "ModelServing llm/chat: template.roles is no list of objects; write it as Kubernetes' API has it",
    ],
    [
      'for metadata that is no object',
      dump({ apiVersion: 'v1', kind: 'Pod', metadata: 'chat' }),
      "Pod without a name: metadata is no object; write it as Kubernetes' API has it",
    ],
    [
      'for items that are no objects',
      dump({ apiVersion: 'v1', kind: 'List', items: ['chat'] }),
      'an item of its List is no object',
    ],
  ];
  for (const [title, text, what] of cases) {
    it(title, () => {
      assert.throws(() => load(text), {
        code: 'UnreadableFleet',
        message: `cannot read the fleet in fleet.yaml: ${what}`,
      });
    });
  }

  it('when it is no YAML, with the line', () => {
    for (const text of ['kind: [', 'a: 1\n b: 2']) {
      assert.throws(() => load(text), {
        code: 'UnreadableFleet',
        message: /^cannot read the fleet in fleet\.yaml: .*\(\d+:\d+\)$/,
      });
    }
  });

  it('when it is two files with nothing between, with the way out', () => {
    assert.throws(() => load(list(node) + list(chat0)), {
      code: 'UnreadableFleet',
      message: /duplicated mapping key.*; between two documents there is to be a line with ---$/,
    });
  });
});
