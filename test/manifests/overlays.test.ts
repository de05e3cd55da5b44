import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { load } from 'js-yaml';
import { runCommand } from '../../src/commands/commands.ts';
import { type JsonObject, listAt, listTexts, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { cannotRender, documents, MANIFESTS, nameOf, objectsOf, only } from './kustomize.ts';

const CERT_MANAGER = join(MANIFESTS, 'overlays/cert-manager');
const SELF_SIGNED = join(MANIFESTS, 'overlays/self-signed');
const WEBHOOK_KINDS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'];

const checkout = mkdtempSync(join(tmpdir(), 'packdown-checkout-'));
const withCertificates = join(checkout, 'manifests/overlays/self-signed');
after(() => rmSync(checkout, { recursive: true }));

before(async () => {
  const isCommitted = (source: string) => !source.endsWith('/certs');
  cpSync(MANIFESTS, join(checkout, 'manifests'), { recursive: true, filter: isCommitted });
  const ignore = () => undefined;
  const io = { stdout: ignore, stderr: ignore, environment: {}, now: Date.now };
  assert.equal(await runCommand(['certs', '--out', join(withCertificates, 'certs')], io), 0);
});

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

test('cert-manager is told which certificate every webhook trusts', { skip: cannotRender }, () => {
  const objects = objectsOf(CERT_MANAGER);
  const { namespace, name } = objectAt(only(objects, 'Certificate', 'packdown'), 'metadata');
  for (const kind of WEBHOOK_KINDS) {
    const { annotations } = objectAt(only(objects, kind), 'metadata');
    assert.deepEqual(annotations, { 'cert-manager.io/inject-ca-from': `${namespace}/${name}` });
  }
});

test('the self-signed overlay reads the files that packdown certs writes', () => {
  const kustomization = load(readFileSync(join(SELF_SIGNED, 'kustomization.yaml'), 'utf8'));
  const [secret] = listAt(kustomization, 'secretGenerator');
  assert.equal(secret?.name, mountedSecret(objectsOf(join(MANIFESTS, 'base'))));
  for (const file of listTexts(secret, 'files')) {
    assert.match(readFileSync(join(withCertificates, file), 'utf8'), /^-----BEGIN /);
  }
});

test('the self-signed overlay makes every webhook trust the certificate', { skip: cannotRender }, () => {
  const objects = objectsOf(withCertificates);
  const authority = readFileSync(join(withCertificates, 'certs/ca.crt'), 'utf8');
  const bundles = WEBHOOK_KINDS.flatMap((kind) => listAt(only(objects, kind), 'webhooks')).map((webhook) =>
    Buffer.from(textOf(objectAt(webhook, 'clientConfig').caBundle) ?? '', 'base64').toString(),
  );
  assert.deepEqual(bundles, [authority, authority, authority]);

  const secret = only(objects, 'Secret');
  assert.equal(secret.type, 'kubernetes.io/tls');
  assert.equal(nameOf(secret), mountedSecret(objects));
  assert.deepEqual(Object.keys(objectAt(secret, 'data')).sort(), ['ca.crt', 'tls.crt', 'tls.key']);
});

test('a key that was made in a checkout is not published with the package', () => {
  cpSync(new URL('../../package.json', import.meta.url), join(checkout, 'package.json'));
  const packing = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: checkout,
    encoding: 'utf8',
  });
  assert.match(packing.stdout, /overlays\/self-signed\/kustomization\.yaml/);
  assert.doesNotMatch(packing.stdout, /certs\//);
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
