import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { type JsonObject, listAt, listTexts, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { cannotRender, documents, MANIFESTS, nameOf, objectsOf, only } from './kustomize.ts';

const CERT_MANAGER = join(MANIFESTS, 'overlays/cert-manager');
const SELF_SIGNED = join(MANIFESTS, 'overlays/self-signed');
const BIND = join(MANIFESTS, 'overlays/bind');
const CLIENT_CERTIFICATES = join(MANIFESTS, 'overlays/client-certificates');
const WEBHOOK_KINDS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'];

/** The Secret that the pods of a rendering mount their certificate from. */
function mountedSecret(objects: readonly JsonObject[]): unknown {
  const volumes = listAt(only(objects, 'Deployment'), 'spec', 'template', 'spec', 'volumes');
  return objectAt(
    volumes.find(({ name }) => name === 'tls'),
    'secret',
  ).secretName;
}

function serverName(objects: readonly JsonObject[]): string {
  const { name, namespace } = objectAt(only(objects, 'Service'), 'metadata');
  return `${name}.${namespace}.svc`;
}

test('cert-manager makes the Secret that the pods mount, for the name of the Service', () => {
  const objects = objectsOf(CERT_MANAGER);
  const { secretName, dnsNames, issuerRef } = objectAt(only(objects, 'Certificate', 'packdown'), 'spec');
  assert.equal(secretName, mountedSecret(objects));
  assert.ok(listTexts({ dnsNames }, 'dnsNames').includes(serverName(objects)));

  const issuer = only(objects, 'Issuer', textOf(objectAt({ issuerRef }, 'issuerRef').name) ?? '');
  const authority = only(objects, 'Certificate', 'packdown-ca');
  assert.equal(objectAt(issuer, 'spec', 'ca').secretName, objectAt(authority, 'spec').secretName);
  assert.equal(objectAt(authority, 'spec').isCA, true);
  const root = only(objects, 'Issuer', textOf(objectAt(authority, 'spec', 'issuerRef').name) ?? '');
  assert.deepEqual(objectAt(root, 'spec').selfSigned, {});
});

test('cert-manager is told which certificate every webhook trusts', { skip: cannotRender() }, () => {
  const objects = objectsOf(CERT_MANAGER);
  const { namespace, name } = objectAt(only(objects, 'Certificate', 'packdown'), 'metadata');
  for (const kind of WEBHOOK_KINDS) {
    const { annotations } = objectAt(only(objects, kind), 'metadata');
    assert.deepEqual(annotations, { 'cert-manager.io/inject-ca-from': `${namespace}/${name}` });
  }
  const told = objects.filter((object) => objectAt(object, 'metadata').annotations !== undefined);
  assert.equal(told.length, WEBHOOK_KINDS.length);
});

test('the self-signed overlay ships the Secret that packdown is told to share, and mounts none', {
  skip: cannotRender(),
}, () => {
  const objects = objectsOf(SELF_SIGNED);
  const { namespace, name } = objectAt(only(objects, 'Secret'), 'metadata');
  const podSpec = objectAt(only(objects, 'Deployment'), 'spec', 'template', 'spec');
  const [container] = listAt(podSpec, 'containers');
  const args = listTexts(container, 'args').filter((arg) => arg.startsWith('--tls'));
  assert.deepEqual(args, [`--tls-secret=${namespace}/${name}`]);
  assert.deepEqual(
    listAt(podSpec, 'volumes').map((volume) => volume.name),
    ['config'],
  );
  assert.deepEqual(
    listAt(container, 'volumeMounts').map((mount) => mount.name),
    ['config'],
  );
});

test('of Secrets and webhook configurations the self-signed overlay grants its own by name, and no listing', () => {
  const objects = objectsOf(SELF_SIGNED);
  const granted = [only(objects, 'Role', 'packdown-tls'), only(objects, 'ClusterRole', 'packdown-ca-bundle')];
  assert.deepEqual(
    granted.flatMap((role) => listAt(role, 'rules')),
    [
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['packdown-tls'], verbs: ['get', 'patch'] },
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
        resourceNames: WEBHOOK_KINDS.map((kind) => nameOf(only(objects, kind))).filter(
          (name, at, all) => all.indexOf(name) === at,
        ),
        verbs: ['get', 'patch'],
      },
    ],
  );
});

test('the scheduler is told the path, the name and the resource that packdown serves', () => {
  const [config] = documents(join(MANIFESTS, 'scheduler/kube-scheduler-config.yaml'));
  assert.equal(config?.apiVersion, 'kubescheduler.config.k8s.io/v1');
  const [extender, ...others] = listAt(config, 'extenders');
  assert.deepEqual(others, []);
  const { urlPrefix, ...rest } = extender ?? {};
  assert.equal(new URL(String(urlPrefix)).pathname, '/scheduler');
  assert.equal(new URL(String(urlPrefix)).protocol, 'https:');
  assert.deepEqual(rest, {
    filterVerb: 'filter',
    prioritizeVerb: 'prioritize',
    preemptVerb: 'preempt',
    weight: 5,
    enableHTTPS: true,
    tlsConfig: {
      caFile: '/etc/kubernetes/packdown/ca.crt',
      serverName: serverName(objectsOf(join(MANIFESTS, 'base'))),
    },
    httpTimeout: '300ms',
    nodeCacheCapable: true,
    ignorable: true,
    managedResources: [{ name: 'nvidia.com/gpu', ignoredByScheduler: false }],
  });
});

test('the overlay for binding grants the creation of Bindings, and nothing else does', () => {
  const rules = (objects: readonly JsonObject[]) =>
    objects.filter(({ kind }) => kind === 'ClusterRole').flatMap((role) => listAt(role, 'rules'));
  const others = rules(objectsOf(CLIENT_CERTIFICATES));
  const known = new Set(others.map((rule) => JSON.stringify(rule)));
  const added = rules(objectsOf(BIND)).filter((rule) => !known.has(JSON.stringify(rule)));
  assert.deepEqual(added, [{ apiGroups: [''], resources: ['pods/binding'], verbs: ['create'] }]);
  assert.doesNotMatch(JSON.stringify(others), /pods\/binding/);
});

for (const overlay of [CLIENT_CERTIFICATES, BIND]) {
  test(`${basename(overlay)} demands client certificates of a CA that it mounts`, { skip: cannotRender() }, () => {
    const podSpec = objectAt(only(objectsOf(overlay), 'Deployment'), 'spec', 'template', 'spec');
    const [container] = listAt(podSpec, 'containers');
    const flag = listTexts(container, 'args').find((arg) => arg.startsWith('--client-ca='));
    const mount = listAt(container, 'volumeMounts').find(({ name }) => name === 'client-ca');
    assert.equal(flag, `--client-ca=${mount?.mountPath}/ca.crt`);
    assert.deepEqual(
      listAt(podSpec, 'volumes').find(({ name }) => name === 'client-ca'),
      { name: 'client-ca', configMap: { name: 'packdown-client-ca' } },
    );
  });
}

test('Volcano is told the address and verbs that packdown serves, and goes on without it', () => {
  assert.deepEqual(objectAt(volcanoPlugins().find(({ name }) => name === 'extender')).arguments, {
    'extender.urlPrefix': `https://${serverName(objectsOf(join(MANIFESTS, 'base')))}:443/volcano`,
    'extender.httpTimeout': '1s',
    'extender.prioritizeVerb': 'prioritize',
    'extender.ignorable': true,
  });
});

test("Volcano's plugins are those of its chart at ed72c7c, with the extender in place of binpack", () => {
  const installed = 'priority gang conformance overcommit drf predicates proportion nodeorder extender';
  assert.equal(volcanoPlugins().map(nameOfPlugin).join(' '), installed);
  const held = volcanoPlugins().filter(({ enablePreemptable }) => enablePreemptable === false);
  assert.deepEqual(held.map(nameOfPlugin), ['gang', 'drf']);
});

test('Volcano prefers no node for being empty, nor spreads pods that do not ask for it', () => {
  assert.deepEqual(objectAt(volcanoPlugins().find(({ name }) => name === 'nodeorder')).arguments, {
    'leastrequested.weight': 0,
    'podtopologyspread.weight': 0,
    'imagelocality.weight': 0,
  });
});

function volcanoPlugins(): readonly JsonObject[] {
  const [configMap] = documents(join(MANIFESTS, 'scheduler/volcano-scheduler.yaml'));
  const text = textOf(objectAt(configMap, 'data')['volcano-scheduler.conf']) ?? '';
  return listAt(load(text), 'tiers').flatMap((tier) => listAt(tier, 'plugins'));
}

function nameOfPlugin({ name }: JsonObject): string | null {
  return textOf(name);
}
