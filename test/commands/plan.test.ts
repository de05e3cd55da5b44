import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it, type TestContext } from 'node:test';
import { listAt, listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { objectOf, podObject } from '../builders/objects.ts';
import { scaled } from './plan-on-example.ts';
import { EXAMPLE_FLEET, run, temporaryFile } from './run-in-process.ts';

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

/** Two zones of two nodes, a pod of a ReplicaSet on each; those of zone a are alone on theirs. */
function inZones(maxSkew: number): object {
  const inZone = (name: string, zone: string) => ({ ...node(name), metadata: { name, labels: { zone } } });
  const topologySpreadConstraints = [{ maxSkew, topologyKey: 'zone', labelSelector: {} }];
  const spread = (name: string, nodeName: string) => {
    const one = pod(name, nodeName, 1);
    return { ...one, spec: { ...one.spec, topologySpreadConstraints } };
  };
  const alone = (name: string, nodeName: string) => {
    const { metadata, ...rest } = pod(name, nodeName, 1);
    return { ...rest, metadata: { name, namespace: metadata.namespace } };
  };
  const places = ['a1', 'a2', 'b1', 'b2'];
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      ...places.map((place) => inZone(place, place.slice(0, 1))),
      { ...web, spec: { replicas: 4 } },
      ...places.map((place) => spread(`web-${place}`, place)),
      alone('db-1', 'b1'),
      alone('db-2', 'b2'),
    ],
  };
}

describe('plan -o json', () => {
  it('warns of nodes that pods are on and the fleet does not have', async (t) => {
    const items = SMALL.items.filter(({ kind }) => kind !== 'Node');
    const fleet = await temporaryFile(t, 'fleet.json', { ...SMALL, items });
    const plan = objectAt(await json(['plan', '--fleet', fleet, '--scale', 'replicaset/ns/web=2']));
    assert.deepEqual(plan.warnings, [
      'nodes of these pods are not in the fleet, so that they cannot become free: n1, n2; are all in there?',
    ]);
  });

  for (const [maxSkew, freed, warnings] of [
    [1, 1, ['ReplicaSet/ns/web is kept spread over zone: that may be why fewer nodes become free than could']],
    [2, 2, []],
  ] as const)
    it(`says of pods spread at most ${maxSkew} apart whether that kept nodes from becoming free`, async (t) => {
      const fleet = await temporaryFile(t, 'fleet.json', inZones(maxSkew));
      const plan = objectAt(await json(['plan', '--fleet', fleet, '--scale', 'replicaset/ns/web=2']));
      assert.deepEqual([listTexts(plan, 'nodesFreed').length, plan.warnings], [freed, warnings]);
    });

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

describe('plan of counts that the ordering rules have something to say of', () => {
  const warningsOf = async (argv: readonly string[]) => listTexts(await json(argv), 'warnings');

  it('says that packdown would refuse them, and why', async () => {
    assert.deepEqual(await warningsOf(scaled('ModelServing/llm/chat:decode=0')), [
      'ModelServing/llm/chat: packdown would refuse this now: gang-floor: role decode would have 0 replicas per group, its gang needs 1; scale groups instead, or create it anew with a smaller gang; ' +
        'pd-both-or-none: role decode would have 0 replicas per group and role prefill 1 replica; scale both to 0 in one update, or keep at least 1 replica of decode',
    ]);
  });

  it('judges the counts of one workload as one update', async () => {
    const scales = ['ModelServing/llm/chat:decode=0', 'ModelServing/llm/chat:prefill=0'];
    const warnings = await warningsOf(scaled(...scales));
    assert.ok(
      warnings.every((warning) => !warning.includes('pd-both-or-none')),
      warnings.join('\n'),
    );
  });

  it('says so of growth too, and what would only be warned of, but nothing of what is left alone', async (t) => {
    const config = (text: string) => temporaryFile(t, 'config.yaml', text);
    const argv = scaled('Deployment/llm/embed=20');
    const limits = 'limits: {maxReplicas: 10}';
    const [refused, warned] = await Promise.all(
      [limits, `${limits}\nrules: {sane-counts: warn}`].map(async (text) =>
        warningsOf([...argv, '--config', await config(text)]),
      ),
    );
    assert.match(refused?.[0] ?? '', /^Deployment\/llm\/embed: packdown would refuse this now: sane-counts: /);
    assert.match(warned?.[0] ?? '', /^Deployment\/llm\/embed: sane-counts: /);
    const exempt = await config(`${limits}\nexemptNamespaces: [llm]`);
    assert.deepEqual(await warningsOf([...argv, '--config', exempt]), []);
  });
});

describe('plan of a workload whose pods the fleet does not hold', () => {
  const warning =
    'nothing of ReplicaSet/ns/web goes: the fleet has no more of it than is to stay; are its pods in there?';
  const warningsOf = async (t: TestContext, items: readonly unknown[], count: number) => {
    const fleet = await temporaryFile(t, 'fleet.json', { ...SMALL, items });
    const report = await json(['plan', '--fleet', fleet, '--scale', `ReplicaSet/ns/web=${count}`]);
    return listTexts(report, 'warnings');
  };

  it('says that nothing goes, and why that may be', async (t) => {
    assert.deepEqual(await warningsOf(t, [web], 1), [warning]);
  });

  it('says nothing of it where nothing is to go, or something goes', async (t) => {
    assert.deepEqual(await warningsOf(t, [web], 9), []);
    assert.deepEqual(await warningsOf(t, SMALL.items, 1), []);
  });

  it('says nothing of it where the count of a role is only for what is created, whose pods are all there', async (t) => {
    const cliques = [{ name: 'router', spec: { replicas: 2, minAvailable: 1 } }];
    const set = objectOf('grove.io/v1alpha1', 'PodCliqueSet', 'chat', { spec: { replicas: 1, template: { cliques } } });
    const clique = objectOf('grove.io/v1alpha1', 'PodClique', 'chat-0-router', { owner: set, spec: { replicas: 2 } });
    const pods = ['a', 'b'].map((name) => podObject(`chat-0-router-${name}`, { owner: clique }));
    const fleet = await temporaryFile(t, 'fleet.json', { ...SMALL, items: [node('n1'), set, clique, ...pods] });
    const report = await json(['plan', '--fleet', fleet, '--scale', 'PodCliqueSet/llm/chat:router=1']);
    const [warning, ...others] = listTexts(report, 'warnings');
    assert.match(warning ?? '', /^role router of PodCliqueSet\/llm\/chat counts only what is created: /);
    assert.deepEqual(others, []);
  });
});

describe('plan of a workload that is treated otherwise', () => {
  const planOf = async (t: TestContext, annotations: Record<string, string>, argv: readonly string[] = []) => {
    const items = [
      ...SMALL.items.filter((item) => item !== web),
      { ...web, metadata: { ...web.metadata, annotations } },
    ];
    const fleet = await temporaryFile(t, 'fleet.json', { ...SMALL, items });
    return objectAt(await json(['plan', '--fleet', fleet, '--scale', 'ReplicaSet/ns/web=2', ...argv]));
  };

  it('goes by its own policy, says so, and compares it with all others', async (t) => {
    const report = await planOf(t, { 'packdown.io/policy': 'ordinal' });
    assert.equal(report.policy, 'ordinal');
    assert.deepEqual(listTexts(report, 'warnings'), [
      'ReplicaSet/ns/web has a policy of its own, by annotation packdown.io/policy',
    ]);
    const others = listAt(report, 'alternatives').map((other) => objectAt(other).policy);
    assert.deepEqual(others, ['consolidate', 'binpack', 'none']);
  });

  it('says nothing of a policy that is the one in force', async (t) => {
    const report = await planOf(t, { 'packdown.io/policy': 'ordinal' }, ['--policy', 'ordinal']);
    assert.deepEqual(listTexts(report, 'warnings'), []);
  });

  for (const mode of ['observe', 'off']) {
    it(`says that nothing is written for it in mode ${mode}`, async (t) => {
      const report = await planOf(t, { 'packdown.io/steering': mode });
      assert.deepEqual(listTexts(report, 'warnings'), [
        `ReplicaSet/ns/web is in mode ${mode}: packdown writes none of these costs`,
      ]);
    });
  }
});

describe('plan of a role that one slice of two is still rolling', () => {
  const api = 'disaggregatedset.x-k8s.io';
  const set = {
    apiVersion: `${api}/v1`,
    kind: 'DisaggregatedSet',
    metadata: { name: 'chat', namespace: 'ns' },
    spec: { slices: 2, roles: [{ name: 'decode', spec: { replicas: 2 } }] },
  };
  const member = (slice: number, revision: string, group: number) => {
    const lws = `chat-${slice}-${revision}-decode`;
    const labels = {
      [`${api}/name`]: 'chat',
      [`${api}/slice`]: `${slice}`,
      [`${api}/role`]: 'decode',
      'leaderworkerset.sigs.k8s.io/name': lws,
      'leaderworkerset.sigs.k8s.io/group-index': `${group}`,
    };
    return { ...pod('', 'n1', 1), metadata: { name: `${lws}-${group}`, namespace: 'ns', labels } };
  };
  const items = [node('n1'), set, member(0, 'a', 0), member(0, 'b', 0), member(1, 'b', 0), member(1, 'b', 1)];

  it('names what goes of the other, and promises no bound', async (t) => {
    const fleet = await temporaryFile(t, 'fleet.json', { ...SMALL, items });
    const report = objectAt(await json(['plan', '--fleet', fleet, '--scale', 'DisaggregatedSet/ns/chat:decode=1']));
    assert.deepEqual(
      listAt(report, 'victims').map(({ group }) => group),
      ['chat-1'],
    );
    assert.deepEqual([report.bound, report.undecided, report.alternatives], [null, true, []]);
  });
});

describe('plan of equals, between which the controller decides later', () => {
  const clique = {
    apiVersion: 'grove.io/v1alpha1',
    kind: 'PodClique',
    metadata: { name: 'set-0-decode', namespace: 'ns' },
    spec: { roleName: 'decode', replicas: 2 },
  };
  const member = (name: string, nodeName: string) => {
    const base = pod(name, nodeName, 1);
    const labels = { 'grove.io/podclique': 'set-0-decode' };
    const owner = { apiVersion: 'grove.io/v1alpha1', kind: 'PodClique', name: 'set-0-decode', controller: true };
    return { ...base, metadata: { ...base.metadata, labels, ownerReferences: [owner] } };
  };
  const items = [node('n1'), node('n2'), clique, member('set-0-decode-a', 'n1'), member('set-0-decode-b', 'n2')];
  const argv = (fleet: string) => ['plan', '--fleet', fleet, '--scale', 'PodClique/ns/set-0-decode=1'];

  it('promises no bound and compares with nothing', async (t) => {
    const fleet = await temporaryFile(t, 'fleet.json', { ...SMALL, items });
    const report = objectAt(await json(argv(fleet)));
    assert.deepEqual([report.nodesFreed, report.bound, report.undecided], [[], null, true]);
    assert.deepEqual(listAt(report, 'alternatives'), []);
  });

  it('says to people that more may become free', async (t) => {
    const fleet = await temporaryFile(t, 'fleet.json', { ...SMALL, items });
    const text = (await run(argv(fleet))).stdout.join('\n');
    assert.match(text, /\nNodes freed: none for certain, and perhaps more \(0 GPUs\)\n/);
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
