import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { listAt, listTexts, objectAt, stringsAt } from '../../src/workloads/core/json.ts';
import { byIdentity, identityOf, withComposition } from './compositions.ts';
import { cannotRender, documents, MANIFESTS, objectsOf, only } from './kustomize.ts';

const BASE = objectsOf(join(MANIFESTS, 'base'));
const CERTIFICATES = ['cert-manager', 'self-signed'];
const components = readdirSync(join(MANIFESTS, 'components'));
const others = components.filter((name) => !CERTIFICATES.includes(name));

const composed = (...names: readonly string[]) => withComposition(names, objectsOf);

for (const certificate of CERTIFICATES) {
  test(`every component goes together with ${certificate} and with every other, in any order`, {
    skip: cannotRender(),
  }, () => {
    const chosen = [certificate, ...others];
    const all = composed(...chosen);
    assert.deepEqual(byIdentity(composed(...chosen.toReversed())), byIdentity(all));
    // Nothing that a component brings is lost beside others.
    for (const name of chosen) {
      const brought = composed(name).map(identityOf);
      assert.deepEqual(
        brought.filter((one) => !all.map(identityOf).includes(one)),
        [],
        name,
      );
    }
    const [container] = listAt(only(all, 'Deployment', 'packdown'), 'spec', 'template', 'spec', 'containers');
    assert.equal(listTexts(container, 'args').filter((arg) => arg.startsWith('--client-ca=')).length, 1);
    assert.equal(objectAt(only(all, 'Deployment', 'packdown'), 'spec').replicas, 2);
  });
}

test('every overlay is the base with components, and has a certificate', () => {
  for (const name of readdirSync(join(MANIFESTS, 'overlays'))) {
    const text = readFileSync(join(MANIFESTS, 'overlays', name, 'kustomization.yaml'), 'utf8');
    const { resources, components: taken, ...rest } = objectAt(load(text));
    assert.deepEqual(resources, ['../../base'], name);
    const names = listTexts({ taken }, 'taken').map((path) => path.replace('../../components/', ''));
    assert.equal(names.filter((component) => CERTIFICATES.includes(component)).length, 1, name);
    assert.deepEqual(Object.keys(rest), ['apiVersion', 'kind'], name);
  }
});

test('strict: what packdown cannot look at is refused, and no pod waits for its cost', { skip: cannotRender() }, () => {
  const objects = composed('strict');
  const policies = (kind: string) => listAt(only(objects, kind), 'webhooks').map(({ failurePolicy }) => failurePolicy);
  assert.deepEqual(policies('ValidatingWebhookConfiguration'), ['Fail']);
  assert.deepEqual(policies('MutatingWebhookConfiguration'), ['Ignore', 'Ignore', 'Ignore']);
});

test('high availability: two replicas or more, on nodes and in zones of their own where there are some', {
  skip: cannotRender(),
}, () => {
  const objects = composed('high-availability');
  const deployment = only(objects, 'Deployment');
  const labels = stringsAt(deployment, 'spec', 'selector', 'matchLabels');
  assert.deepEqual(objectAt(deployment, 'spec', 'strategy'), { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
  const podSpec = objectAt(deployment, 'spec', 'template', 'spec');
  const [affinity] = listAt(
    podSpec,
    'affinity',
    'podAntiAffinity',
    'preferredDuringSchedulingIgnoredDuringExecution',
  ).map(({ podAffinityTerm }) => podAffinityTerm);
  assert.deepEqual(affinity, { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } });
  const [spread] = listAt(podSpec, 'topologySpreadConstraints');
  assert.equal(spread?.topologyKey, 'topology.kubernetes.io/zone');
  assert.deepEqual(spread?.labelSelector, { matchLabels: labels });
  const budget = only(objects, 'PodDisruptionBudget');
  assert.deepEqual(objectAt(budget, 'spec', 'selector'), { matchLabels: labels });
  assert.equal(objectAt(budget, 'spec').maxUnavailable, 1);
});

test('the second scheduler is configured as the first would be, under a name and a Lease of its own', () => {
  const [first] = documents(join(MANIFESTS, 'scheduler/kube-scheduler-config.yaml'));
  const [second] = documents(join(MANIFESTS, 'components/second-scheduler/config.yaml'));
  const [profile, ...otherProfiles] = listAt(second, 'profiles');
  const [extender, ...otherExtenders] = listAt(second, 'extenders');
  assert.deepEqual([otherProfiles, otherExtenders], [[], []]);
  assert.deepEqual({ ...profile, schedulerName: 'default-scheduler' }, listAt(first, 'profiles')[0]);
  assert.equal(profile?.schedulerName, 'packdown-scheduler');
  const { urlPrefix, tlsConfig, ...rest } = extender ?? {};
  const firstExtender = listAt(first, 'extenders')[0];
  assert.deepEqual(
    { ...rest, urlPrefix: firstExtender?.urlPrefix, tlsConfig: firstExtender?.tlsConfig },
    firstExtender,
  );
  const service = objectAt(only(BASE, 'Service'), 'metadata');
  const host = `${service.name}.${service.namespace}.svc`;
  assert.equal(urlPrefix, `https://${host}:443/scheduler`);
  assert.deepEqual(tlsConfig, { caFile: '/etc/packdown/tls/ca.crt', serverName: host });
  const lease = { leaderElect: true, resourceName: 'packdown-scheduler', resourceNamespace: service.namespace };
  assert.deepEqual(second?.leaderElection, lease);
});

test('callers reach the port that serves, readers of metrics the other, and packdown the apiserver', () => {
  const policy = only(BASE, 'NetworkPolicy');
  const podLabels = stringsAt(only(BASE, 'Deployment'), 'spec', 'template', 'metadata', 'labels');
  assert.deepEqual(objectAt(policy, 'spec', 'podSelector').matchLabels, podLabels);
  assert.deepEqual(objectAt(policy, 'spec').policyTypes, ['Ingress', 'Egress']);
  assert.deepEqual(listAt(policy, 'spec', 'ingress'), [
    { ports: [{ port: 'https' }] },
    { ports: [{ port: 'ops' }], from: [{ namespaceSelector: { matchLabels: { metrics: 'enabled' } } }] },
  ]);
  assert.deepEqual(listAt(policy, 'spec', 'egress'), [{ ports: [{ port: 443 }, { port: 6443 }] }]);
});
