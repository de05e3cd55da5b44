import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../src/commands/commands.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { type JsonObject, listAt, listTexts, objectAt, stringsAt, textOf } from '../../src/workloads/core/json.ts';
import { adapters } from '../../src/workloads/registry.ts';
import { cannotRender, documents, listedFiles, MANIFESTS, nameOf, objectsOf, only } from './kustomize.ts';

const BASE = join(MANIFESTS, 'base');
const CONFIG = join(BASE, 'config.yaml');
const base = objectsOf(BASE);
const podSpec = objectAt(only(base, 'Deployment'), 'spec', 'template', 'spec');
const [container, ...otherContainers] = listAt(podSpec, 'containers');
const args = listTexts(container, 'args');

function flag(name: string): string {
  const prefix = `--${name}=`;
  const found = args.find((arg) => arg.startsWith(prefix));
  assert.ok(found, `the Deployment sets no ${prefix}`);
  return found.slice(prefix.length);
}

/** `group/resource verb`, with `=name` where it is for one object only, for everything that a role allows. */
function permissions(role: JsonObject): readonly string[] {
  return listAt(role, 'rules').flatMap((rule) =>
    listTexts(rule, 'apiGroups').flatMap((group) =>
      listTexts(rule, 'resources').flatMap((resource) =>
        listTexts(rule, 'verbs').flatMap((verb) => {
          const names = listTexts(rule, 'resourceNames');
          const permission = `${group}/${resource} ${verb}`;
          return names.length === 0 ? [permission] : names.map((name) => `${permission} =${name}`);
        }),
      ),
    ),
  );
}

test('every file that a kustomization names exists and holds named objects', () => {
  const overlays = readdirSync(join(MANIFESTS, 'overlays')).map((name) => `overlays/${name}`);
  for (const folder of ['base', ...overlays]) {
    const objects = listedFiles(join(MANIFESTS, folder)).flatMap(documents);
    assert.ok(objects.length >= 8, folder);
    for (const object of objects) assert.equal(typeof nameOf(object), 'string', folder);
  }
});

test('everything with a namespace is in packdown-system', () => {
  for (const object of base) {
    if (/^(Cluster|Namespace$|ValidatingAdmissionPolicy)|WebhookConfiguration$/.test(String(object.kind))) continue;
    assert.equal(objectAt(object, 'metadata').namespace, nameOf(only(base, 'Namespace')), String(object.kind));
  }
});

/** What decisions read besides workloads. */
const BESIDE = [
  'apps/controllerrevisions',
  'autoscaling/horizontalpodautoscalers',
  'workload.serving.volcano.sh/autoscalingpolicies',
  'workload.serving.volcano.sh/autoscalingpolicybindings',
];

test('the role allows watching what decisions read, reading and patching what carries costs, writing Events, and nothing else', () => {
  const instances = adapters.flatMap((adapter) => adapter.instances ?? []);
  const named = [...adapters, ...instances].map(({ group, resource }) => `${group}/${resource}`);
  const read = ['/nodes', '/namespaces', '/pods', ...named, ...BESIDE].flatMap((resource) =>
    ['list', 'watch'].map((verb) => `${resource} ${verb}`),
  );
  const carriers = ['/pods', ...instances.map(({ group, resource }) => `${group}/${resource}`)];
  const write = carriers.flatMap((resource) => ['get', 'patch'].map((verb) => `${resource} ${verb}`));
  const events = ['events.k8s.io/events create', 'events.k8s.io/events patch'];
  const expected = [...read, ...write, ...events];
  assert.deepEqual([...permissions(only(base, 'ClusterRole'))].sort(), expected.sort());
});

test('in its own namespace packdown may lead by its Lease and keep its two documents, and nothing else', () => {
  const documents = ['packdown-target-set', 'packdown-lows'].flatMap((name) =>
    ['list', 'watch', 'update'].map((verb) => `/configmaps ${verb} =${name}`),
  );
  const lease = ['get', 'update'].map((verb) => `coordination.k8s.io/leases ${verb} =packdown`);
  const allowed = [...lease, 'coordination.k8s.io/leases create', ...documents, '/configmaps create'];
  assert.deepEqual([...permissions(only(base, 'Role'))].sort(), allowed.sort());
});

for (const kind of ['ClusterRole', 'Role']) {
  test(`the ${kind} is bound to the account that the pods run as`, () => {
    const account = objectAt(only(base, 'ServiceAccount'), 'metadata');
    const binding = only(base, `${kind}Binding`);
    assert.equal(podSpec.serviceAccountName, account.name);
    const { kind: boundKind, name } = objectAt(binding, 'roleRef');
    assert.deepEqual([boundKind, name], [kind, nameOf(only(base, kind))]);
    assert.deepEqual(listAt(binding, 'subjects'), [
      { kind: 'ServiceAccount', name: account.name, namespace: account.namespace },
    ]);
  });
}

test('the container runs without root, without privileges and on a read-only disk', () => {
  assert.deepEqual(otherContainers, []);
  assert.deepEqual(podSpec.securityContext, {
    runAsNonRoot: true,
    runAsUser: 65532,
    runAsGroup: 65532,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  assert.deepEqual(container?.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

test('the Service leads to the port that the container serves on, and the probes to its ops port', () => {
  const ports = new Map(listAt(container, 'ports').map(({ name, containerPort }) => [name, containerPort]));
  assert.deepEqual(
    [...ports],
    [
      ['https', Number(flag('port'))],
      ['ops', Number(flag('ops-port'))],
    ],
  );
  const service = only(base, 'Service');
  assert.deepEqual(
    listAt(service, 'spec', 'ports').map(({ port, targetPort }) => [port, targetPort]),
    [[443, 'https']],
  );
  assert.deepEqual(objectAt(container, 'livenessProbe', 'httpGet'), { path: '/livez', port: 'ops' });
  assert.deepEqual(objectAt(container, 'readinessProbe', 'httpGet'), { path: '/readyz', port: 'ops' });

  const labels = stringsAt(only(base, 'Deployment'), 'spec', 'template', 'metadata', 'labels');
  const selector = stringsAt(service, 'spec', 'selector');
  assert.ok(Object.keys(selector).length > 0);
  for (const [label, value] of Object.entries(selector)) assert.equal(labels[label], value);
});

test('packdown understands the arguments that the container starts it with', async () => {
  const printed: string[] = [];
  const problems: string[] = [];
  const exitCode = await runCommand(
    [...args.filter((arg) => !arg.startsWith('--config=')), `--config=${CONFIG}`, '--print-config'],
    {
      stdout: (line) => printed.push(line),
      stderr: (line) => problems.push(line),
      environment: {},
      colour: false,
      now: Date.now,
    },
  );
  assert.deepEqual([exitCode, problems], [0, []]);
  assert.match(printed.join('\n'), /^policy: consolidate$/m);
});

test('every file that the arguments name is in a volume that the pod mounts', () => {
  const mounts = new Map(listAt(container, 'volumeMounts').map(({ name, mountPath }) => [mountPath, name]));
  const volume = (path: string) => {
    const name = mounts.get(path.slice(0, path.lastIndexOf('/')));
    return listAt(podSpec, 'volumes').find((candidate) => candidate.name === name);
  };
  assert.equal(objectAt(volume(flag('tls-cert')), 'secret').secretName, 'packdown-tls');
  assert.equal(objectAt(volume(flag('tls-key')), 'secret').secretName, 'packdown-tls');
  assert.equal(objectAt(volume(flag('config')), 'configMap').name, 'packdown');
  assert.equal(flag('config').endsWith('/config.yaml'), true);
});

test('the configuration file says what is in effect without it', () => {
  const file = { name: CONFIG, text: readFileSync(CONFIG, 'utf8') };
  assert.deepEqual(readConfig({ file, environment: {} }), defaultConfig);
});

test('the configuration file is what the ConfigMap holds', { skip: cannotRender() }, () => {
  const configMap = only(base, 'ConfigMap');
  assert.equal(nameOf(configMap), 'packdown');
  assert.deepEqual(configMap.data, { 'config.yaml': readFileSync(CONFIG, 'utf8') });
});

test('the image is tagged with the version of the package', { skip: cannotRender() }, () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal(textOf(container?.image), `ghcr.io/packdown/packdown:${version}`);
});
