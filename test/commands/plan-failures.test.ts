import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adapters } from '../../src/workloads/registry.ts';
import type { Fault } from '../cluster/live/api-server-double.ts';
import { cluster } from './cluster.ts';
import { PATIENCE } from './packdown-process.ts';
import { ON_EXAMPLE, scaled } from './plan-on-example.ts';
import { type Ran, run, temporaryFile } from './run-in-process.ts';

describe('plan ends with 2 and one sentence', () => {
  const refused = ({ code, stdout, stderr }: Ran, sentence: string) => {
    assert.deepEqual([code, stdout], [2, []]);
    assert.equal(stderr[0], `packdown: ${sentence}`);
  };
  const cases: readonly [title: string, argv: readonly string[], sentence: string][] = [
    ['without --scale', ON_EXAMPLE, 'plan needs --scale KIND/NAMESPACE/NAME[:ROLE]=REPLICAS'],
    [
      'without a fleet',
      ['plan', '--scale', 'ModelServing/llm/chat=3'],
      'name one fleet: --fleet F.yaml, --kubeconfig F or --in-cluster',
    ],
    [
      'with two fleets',
      [...scaled('ModelServing/llm/chat=3'), '--in-cluster'],
      'name one fleet: --fleet F.yaml, --kubeconfig F or --in-cluster',
    ],
    ...[
      'chat=3',
      'ModelServing/chat=3',
      'ModelServing/llm/chat',
      'ModelServing/llm/chat=-1',
      'ModelServing/llm/chat=1.5',
      'ModelServing/llm/chat=2147483648',
    ].map((scale): [string, readonly string[], string] => [
      `for --scale ${scale}`,
      scaled(scale),
      `scale ${scale} is not KIND/NAMESPACE/NAME[:ROLE]=REPLICAS, e.g. ModelServing/llm/chat=3`,
    ]),
    ['for an unknown workload', scaled('ModelServing/llm/cat=3'), 'ModelServing/llm/cat is not in the fleet'],
    [
      'for an unknown kind',
      scaled('Serving/llm/chat=3'),
      `packdown knows no kind Serving of workloads, but ${[...new Set(adapters.map(({ kind }) => kind))].join(', ')}`,
    ],
    [
      'for an unknown role',
      scaled('ModelServing/llm/chat:router=3'),
      'ModelServing/llm/chat has no role router; its roles: prefill, decode',
    ],
    [
      'for a role of a kind without',
      scaled('Deployment/llm/embed:main=3'),
      'Deployment/llm/embed has no role main; its roles: none',
    ],
    [
      'for one count twice',
      scaled('ModelServing/llm/chat=3', 'modelserving/llm/chat=2'),
      'ModelServing/llm/chat is to be scaled to two counts at once: name it once',
    ],
    [
      'for one role twice',
      scaled('ModelServing/llm/chat:decode=1', 'Deployment/llm/embed=4', 'ModelServing/llm/chat:decode=1'),
      'ModelServing/llm/chat:decode is to be scaled to two counts at once: name it once',
    ],
    ...[
      ['ModelServing/llm/chat=3', 'ModelServing/llm/chat:decode=1'],
      ['ModelServing/llm/chat:decode=1', 'ModelServing/llm/chat=3'],
    ].map((scales): [string, readonly string[], string] => [
      `for ${scales.join(' and ')}`,
      scaled(...scales),
      'groups of ModelServing/llm/chat and one of its roles cannot be planned at once: plan the groups first, then the role',
    ]),
    [
      'for a Deployment and its ReplicaSet',
      scaled('Deployment/llm/embed=4', 'ReplicaSet/llm/embed-7c9d5b6f4d=3'),
      'Deployment/llm/embed and ReplicaSet/llm/embed-7c9d5b6f4d have pods in common: plan one after the other',
    ],
    [
      'for an unknown policy',
      [...scaled('ModelServing/llm/chat=3'), '--policy', 'random'],
      '--policy random is none of consolidate, binpack, ordinal',
    ],
    [
      'for an unknown output',
      [...scaled('ModelServing/llm/chat=3'), '-o', 'yaml'],
      '--output yaml is none of text, json',
    ],
  ];
  it('for the count of what has roles only', async (t) => {
    const group = {
      apiVersion: 'workloads.x-k8s.io/v1alpha2',
      kind: 'RoleBasedGroup',
      metadata: { name: 'g', namespace: 'ns' },
      spec: {
        roles: [
          { name: 'router', replicas: 1 },
          { name: 'decode', replicas: 2 },
        ],
      },
    };
    const fleet = await temporaryFile(t, 'fleet.json', group);
    refused(
      await run(['plan', '--fleet', fleet, '--scale', 'RoleBasedGroup/ns/g=0']),
      'RoleBasedGroup/ns/g has no count of its own: name one of its roles as in g:ROLE=0; its roles: router, decode',
    );
    assert.equal((await run(['plan', '--fleet', fleet, '--scale', 'RoleBasedGroup/ns/g:decode=1'])).code, 0);
  });

  it('for a role that a scaler counts, and names the scaler', async (t) => {
    const api = { apiVersion: 'disaggregatedset.x-k8s.io/v1' };
    const set = { kind: 'DisaggregatedSet', name: 'chat', uid: 'uid-of-chat' };
    const roles = [{ name: 'prefill' }, { name: 'decode', scaling: { mode: 'External' } }];
    const labels = { 'disaggregatedset.x-k8s.io/role': 'decode' };
    const owner = { ...api, ...set, controller: true };
    const fleet = await temporaryFile(t, 'fleet.json', {
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { ...api, kind: set.kind, metadata: { ...set, namespace: 'ns' }, spec: { roles } },
        {
          ...api,
          kind: 'DisaggregatedSetRoleScaler',
          metadata: { name: 'chat-decode', namespace: 'ns', uid: 'uid-of-scaler', labels, ownerReferences: [owner] },
          spec: { replicas: 2 },
        },
      ],
    });
    refused(
      await run(['plan', '--fleet', fleet, '--scale', 'DisaggregatedSet/ns/chat:decode=1']),
      'role decode of DisaggregatedSet/ns/chat is counted by DisaggregatedSetRoleScaler/ns/chat-decode: name that',
    );
    assert.equal((await run(['plan', '--fleet', fleet, '--scale', 'DisaggregatedSet/ns/chat:prefill=0'])).code, 0);
  });

  for (const [title, argv, sentence] of cases) it(title, async () => refused(await run(argv), sentence));

  for (const argv of [['--bogus'], ['stray'], ['--scale']]) {
    it(`for the argument ${argv}, with the usage`, async () => {
      const { code, stdout, stderr } = await run([...scaled('ModelServing/llm/chat=3'), ...argv]);
      assert.deepEqual([code, stdout, stderr.length], [2, [], 2]);
      assert.match(stderr[1] ?? '', /^packdown plan \(--fleet F\.yaml/);
    });
  }

  it('for a fleet that is not there', async () => {
    const { code, stderr } = await run(['plan', '--fleet', '/nonexistent.yaml', '--scale', 'a/b/c=1']);
    assert.equal(code, 2);
    assert.match(stderr[0] ?? '', /^packdown: cannot read \/nonexistent\.yaml: ENOENT/);
  });

  it('for a configuration that is wrong', async (t) => {
    const config = await temporaryFile(t, 'config.yaml', 'polici: binpack');
    refused(
      await run([...scaled('ModelServing/llm/chat=3'), '--config', config]),
      `${config} is not a valid configuration: polici is not a known key`,
    );
  });
});

describe('plan ends with 3', () => {
  it('when the cluster is not reachable', async (t) => {
    const kubeconfig = await temporaryFile(t, 'kubeconfig', {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });
    const { code, stdout, stderr } = await run(['plan', '--kubeconfig', kubeconfig, '--scale', 'a/b/c=1']);
    assert.deepEqual([code, stdout], [3, []]);
    assert.match(stderr.join('\n'), /packdown: .*127\.0\.0\.1:1/);
  });

  for (const status of [429, 500]) {
    it(`when the apiserver answers ${status} again and again`, { timeout: PATIENCE }, async (t) => {
      const { server, kubeconfig } = await cluster(t);
      const fault: Fault = { method: 'GET', path: '/api/v1/nodes', how: { status } };
      for (let times = 0; times < 50; times += 1) server.failNext(fault);
      const { code, stdout, stderr } = await run(['plan', '--kubeconfig', kubeconfig, '--scale', 'a/b/c=1']);
      assert.deepEqual([code, stdout], [3, []]);
      const sentence = `the Kubernetes API answered GET /api/v1/nodes with ${status} Injected: as the test wants it`;
      // What is being waited for, and why it ends.
      assert.deepEqual(stderr, [`packdown: nodes: ${sentence}`, `packdown: ${sentence}`]);
    });
  }
});
