import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { listAt, listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { EXAMPLE_FLEET, type Ran, run, temporaryFile } from './run-in-process.ts';

const ON_EXAMPLE = ['plan', '--fleet', EXAMPLE_FLEET];
const scaled = (...scales: readonly string[]) => [...ON_EXAMPLE, ...scales.flatMap((scale) => ['--scale', scale])];

/** Two pods of a ReplicaSet on two nodes; the one on n2 is alone there. */
const pod = (name: string, nodeName: string, gpus: number) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'ns',
    annotations: { 'controller.kubernetes.io/pod-deletion-cost': '21', 'packdown.io/cost-owner': '21' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', controller: true }],
  },
  spec: { nodeName, containers: [{ name: 'main', resources: { requests: { 'nvidia.com/gpu': gpus } } }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});
const node = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { allocatable: { 'nvidia.com/gpu': 8 } },
});
const web = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'ns' },
  spec: { replicas: 3 },
};
const SMALL = {
  apiVersion: 'v1',
  kind: 'List',
  items: [node('n1'), node('n2'), web, pod('web-a', 'n1', 2), pod('web-b', 'n1', 1), pod('web-c', 'n2', 1)],
};

async function json(argv: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await run([...argv, '-o', 'json']);
  assert.deepEqual([code, stderr], [0, []]);
  return JSON.parse(stdout.join('\n'));
}

describe('plan -o json', () => {
  it('prints one line and nothing else, byte for byte', async (t) => {
    const fleet = await temporaryFile(t, 'fleet.json', SMALL);
    const { code, stdout, stderr } = await run([
      'plan',
      '--fleet',
      fleet,
      '--scale',
      'replicaset/ns/web=2',
      '-o',
      'json',
    ]);
    assert.deepEqual([code, stderr], [0, []]);
    assert.deepEqual(stdout, [
      '{"policy":"consolidate","requests":[{"workload":"ReplicaSet/ns/web","role":null,"from":3,"to":2}],' +
        '"victims":[{"workload":"ReplicaSet/ns/web","group":null,"role":null,"replica":null,"pods":["ns/web-c"],"steered":true,"score":13}],' +
        '"costs":[{"pod":"ns/web-c","annotation":"controller.kubernetes.io/pod-deletion-cost","from":"21","to":"-1000"}],' +
        '"nodesFreed":["n2"],"gpusFreed":8,"created":[],"warnings":[],' +
        '"alternatives":[{"policy":"binpack","nodesFreed":1,"gpusFreed":8},{"policy":"ordinal","nodesFreed":1,"gpusFreed":8},' +
        '{"policy":"none","nodesFreed":0,"gpusFreed":0}],"value":8,"bound":8,"targetSet":null}',
    ]);
    assert.ok(!stdout[0]?.includes('\n'));
  });

  it('has the promised keys in the promised order, for groups and for roles', async () => {
    const report = objectAt(await json(scaled('ModelServing/llm/chat=3')));
    assert.deepEqual(Object.keys(report), [
      'policy',
      'requests',
      'victims',
      'costs',
      'nodesFreed',
      'gpusFreed',
      'created',
      'warnings',
      'alternatives',
      'value',
      'bound',
      'targetSet',
    ]);
    const [request] = listAt(report, 'requests');
    assert.deepEqual(Object.entries(objectAt(request)), [
      ['workload', 'ModelServing/llm/chat'],
      ['role', null],
      ['from', 4],
      ['to', 3],
    ]);
    const [victim] = listAt(report, 'victims');
    const { pods, score, ...rest } = objectAt(victim);
    assert.deepEqual(Object.entries(rest), [
      ['workload', 'ModelServing/llm/chat'],
      ['group', 'chat-1'],
      ['role', null],
      ['replica', null],
      ['steered', true],
    ]);
    assert.ok(Array.isArray(pods) && pods.length === 5);
    assert.equal(typeof score, 'number');

    const [replica] = listAt(await json(scaled('ModelServing/llm/chat:decode=1')), 'victims');
    const { group, role, replica: id } = objectAt(replica);
    assert.match(String(group), /^chat-\d$/);
    assert.equal(role, 'decode');
    assert.match(String(id), /^decode-\d$/);
  });

  it('has a bound only where the policy looks at nodes', async () => {
    const bound = async (policy: string) =>
      objectAt(await json([...scaled('ModelServing/llm/chat=3'), '--policy', policy])).bound;
    assert.deepEqual(await Promise.all(['consolidate', 'binpack', 'ordinal'].map(bound)), [8, null, null]);
  });

  it('has one victim a group when a role shrinks', async () => {
    const report = await json(scaled('ModelServing/llm/chat:decode=1'));
    const groups = listAt(report, 'victims').map(({ group }) => group);
    assert.deepEqual(groups.sort(), ['chat-0', 'chat-1', 'chat-2', 'chat-3']);
  });

  it('says what a scale-up creates', async () => {
    const report = objectAt(await json(scaled('ModelServing/llm/chat=6', 'StatefulSet/llm/vector-db=5')));
    assert.deepEqual(listTexts(report, 'created'), ['chat-4', 'chat-5', 'vector-db-3', 'vector-db-4']);
    assert.deepEqual(report.victims, []);
    assert.deepEqual(report.costs, []);
  });

  it('says of a StatefulSet which pods go, unsteered', async () => {
    const report = objectAt(await json(scaled('StatefulSet/llm/vector-db=2')));
    const [victim, ...others] = listAt(report, 'victims');
    assert.deepEqual(others, []);
    const { pods, steered } = objectAt(victim);
    assert.deepEqual([pods, steered], [['llm/vector-db-2'], false]);
    assert.deepEqual(report.costs, []);
  });
});

describe('plan', () => {
  it('prints for people what goes, what it frees and what it would write', async () => {
    const { code, stdout, stderr } = await run(scaled('ModelServing/llm/chat=3'));
    assert.deepEqual([code, stderr], [0, []]);
    const [text = ''] = stdout;
    assert.match(text, /^Plan \(consolidate\): ModelServing\/llm\/chat from 4 to 3\nGoes:\n {2}chat-1 {2}\(5 pods, /);
    assert.match(
      text,
      /\nNodes freed: gpu-1 \(8 of at most 8 GPUs\)\nInstead:\n {2}policy binpack: 0 nodes \(0 GPUs\)\n/,
    );
    assert.match(text, /\n {2}gpu-1 {2}A A A A A \. \. \. {3}\. \. \. \. \. \. \. \. {3}free\n/);
  });

  it('takes kinds in any case, and with their group', async () => {
    const expected = await json(scaled('ModelServing/llm/chat=3'));
    for (const kind of ['modelserving', 'MODELSERVING', 'ModelServing.workload.serving.volcano.sh']) {
      assert.deepEqual(await json(scaled(`${kind}/llm/chat=3`)), expected);
    }
  });

  it('plans several requests together', async () => {
    const together = objectAt(await json(scaled('ModelServing/llm/chat=2', 'Deployment/llm/embed=4')));
    assert.equal(listAt(together, 'requests').length, 2);
    assert.deepEqual(together.nodesFreed, ['gpu-1', 'gpu-2', 'gpu-6']);
    assert.equal(together.gpusFreed, 24);
  });

  it('plans several roles of a workload together', async () => {
    const report = objectAt(await json(scaled('ModelServing/llm/chat:prefill=0', 'ModelServing/llm/chat:decode=1')));
    const roles = listAt(report, 'victims').map(({ group, role }) => `${group}/${role}`);
    assert.equal(new Set(roles).size, 8);
  });

  it('follows the flag over the environment over the file', async (t) => {
    const config = await temporaryFile(t, 'config.yaml', 'policy: binpack');
    const policyOf = async (argv: readonly string[], environment: Record<string, string> = {}) => {
      const { stdout } = await run([...scaled('ModelServing/llm/chat=3'), '-o', 'json', ...argv], environment);
      return objectAt(JSON.parse(stdout.join(''))).policy;
    };
    assert.equal(await policyOf([]), 'consolidate');
    assert.equal(await policyOf(['--config', config]), 'binpack');
    assert.equal(await policyOf(['--config', config], { PACKDOWN_POLICY: 'ordinal' }), 'ordinal');
    assert.equal(await policyOf(['--policy', 'binpack'], { PACKDOWN_POLICY: 'ordinal' }), 'binpack');
  });

  it('takes its flags from the environment', async () => {
    const environment = { PACKDOWN_FLEET: EXAMPLE_FLEET, PACKDOWN_SCALE: 'ModelServing/llm/chat=3' };
    const byFlags = await run(scaled('ModelServing/llm/chat=3'));
    assert.deepEqual(await run(['plan'], environment), byFlags);
  });
});

describe('plan of a workload with annotations that nobody can read', () => {
  const annotations = { 'packdown.io/policy': 'ordnal', 'packdown.io/floor': 'one' };
  const prefix = 'ReplicaSet/ns/web: packdown.io';
  const warnings = [
    `${prefix}/policy holds ordnal, which is none of consolidate, binpack, ordinal`,
    `${prefix}/floor holds one, which is no number of replicas, 0 or more`,
  ];
  const items = [...SMALL.items.filter((item) => item !== web), { ...web, metadata: { ...web.metadata, annotations } }];

  it('warns of them, for people and for scripts', async (t) => {
    const fleet = await temporaryFile(t, 'fleet.json', { ...SMALL, items });
    const argv = ['plan', '--fleet', fleet, '--scale', 'ReplicaSet/ns/web=2'];
    assert.deepEqual(listTexts(await json(argv), 'warnings'), warnings);
    const text = (await run(argv)).stdout.join('\n');
    for (const warning of warnings) assert.ok(text.includes(`\nWarning: ${warning}`), text);
  });

  it('does not where nothing shrinks', async (t) => {
    const fleet = await temporaryFile(t, 'fleet.json', { ...SMALL, items });
    const report = await json(['plan', '--fleet', fleet, '--scale', 'ReplicaSet/ns/web=4']);
    assert.deepEqual(listTexts(report, 'warnings'), []);
  });

  it('warns once where several of its roles shrink', async (t) => {
    const group = {
      apiVersion: 'workloads.x-k8s.io/v1alpha2',
      kind: 'RoleBasedGroup',
      metadata: { name: 'g', namespace: 'ns', annotations: { 'packdown.io/policy': 'ordnal' } },
      spec: { roles: ['router', 'decode'].map((name) => ({ name, replicas: 2 })) },
    };
    const fleet = await temporaryFile(t, 'fleet.json', group);
    const scales = ['router', 'decode'].flatMap((role) => ['--scale', `RoleBasedGroup/ns/g:${role}=1`]);
    const found = listTexts(await json(['plan', '--fleet', fleet, ...scales]), 'warnings');
    assert.equal(found.filter((warning) => warning.includes('ordnal')).length, 1, found.join('\n'));
  });
});

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
    ].map((scale): [string, readonly string[], string] => [
      `for --scale ${scale}`,
      scaled(scale),
      `--scale ${scale} is not KIND/NAMESPACE/NAME[:ROLE]=REPLICAS, e.g. ModelServing/llm/chat=3`,
    ]),
    ['for an unknown workload', scaled('ModelServing/llm/cat=3'), 'ModelServing/llm/cat is not in the fleet'],
    ['for an unknown kind', scaled('Serving/llm/chat=3'), 'Serving/llm/chat is not in the fleet'],
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
});

describe('plan --svg', () => {
  it('draws the same nodes into a file', async (t) => {
    const file = await temporaryFile(t, 'map.svg', 'something older');
    const { code } = await run([...scaled('ModelServing/llm/chat=3'), '--svg', file]);
    assert.equal(code, 0);
    const svg = await readFile(file, 'utf8');
    assert.match(svg, /^<svg /);
    assert.ok(svg.includes('>gpu-1<') && svg.includes('>ModelServing/llm/chat<'));
  });

  it('says where it cannot draw', async () => {
    const { code, stderr } = await run([...scaled('ModelServing/llm/chat=3'), '--svg', '/nonexistent/map.svg']);
    assert.equal(code, 2);
    assert.match(stderr[0] ?? '', /^packdown: cannot write \/nonexistent\/map\.svg: ENOENT/);
  });
});
