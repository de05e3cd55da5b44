import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { load } from 'js-yaml';
import { readConfig } from '../../src/config/read-config.ts';
import { type JsonObject, listAt, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { byIdentity, withComposition } from '../manifests/compositions.ts';
import { MANIFESTS, nameOf } from '../manifests/kustomize.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools } from './control-plane/tools.ts';
import { CHART, charted, helmTemplate, kustomized, NAMESPACE, programIn } from './renderings.ts';

const found = await findTools(['kubernetes', 'helm']);

/** The values that make of the chart what an overlay makes of the base. */
const VALUES_OF_OVERLAY: Readonly<Record<string, readonly string[]>> = {
  'cert-manager': ['certificates=cert-manager'],
  'self-signed': [],
  strict: ['strict=true', 'highAvailability=true'],
  'high-availability': ['highAvailability=true'],
  'client-certificates': ['clientCertificates=true'],
  bind: ['clientCertificates=true', 'bind=true'],
  'second-scheduler': ['secondScheduler.enabled=true'],
};
const EVERYTHING = Object.values(VALUES_OF_OVERLAY).flat();

suite('the Helm chart', { skip: skipWithout('controllers', found) }, () => {
  const rendered = (values: readonly string[], namespace?: string) => charted(found, values, namespace).map(inEffect);
  /** A namespace is what `helm install --create-namespace` makes. */
  const overlaid = (folder: string) =>
    kustomized(found, folder)
      .filter(({ kind }) => kind !== 'Namespace')
      .map(inEffect);

  test('the base is the chart with a certificate of your own', () => {
    assert.deepEqual(byIdentity(rendered(['certificates=provided'])), byIdentity(overlaid(join(MANIFESTS, 'base'))));
  });

  test('there are values for every overlay', () => {
    assert.deepEqual(Object.keys(VALUES_OF_OVERLAY).sort(), readdirSync(join(MANIFESTS, 'overlays')).sort());
  });

  for (const [overlay, values] of Object.entries(VALUES_OF_OVERLAY)) {
    test(`${values.join(' ') || 'the defaults'}: the same objects as overlays/${overlay}`, () => {
      assert.deepEqual(byIdentity(rendered(values)), byIdentity(overlaid(join(MANIFESTS, 'overlays', overlay))));
    });
  }

  test('everything at once: the same objects as all components, in any namespace', () => {
    const components = readdirSync(join(MANIFESTS, 'components')).filter((name) => name !== 'self-signed');
    const objects = withComposition(components, overlaid);
    assert.deepEqual(byIdentity(rendered(EVERYTHING)), byIdentity(objects));
    const elsewhere: JsonObject[] = JSON.parse(JSON.stringify(objects).replaceAll(NAMESPACE, 'elsewhere'));
    assert.deepEqual(byIdentity(rendered(EVERYTHING, 'elsewhere')), byIdentity(elsewhere));
  });

  test('a configuration of your own is what packdown reads', () => {
    const values = ['config.mode=observe', 'config.rules.cooldown=off', 'config.steering.budget=500ms'];
    const configMap = rendered(values).find((object) => object.kind === 'ConfigMap');
    const { mode, rules, steering } = objectAt(configMap, 'data', 'config.yaml');
    assert.deepEqual([mode, objectAt(rules).cooldown, objectAt(steering).budget], ['observe', 'off', '500ms']);
  });

  const devices: Readonly<Record<string, readonly string[]>> = {
    'config.mode=observe': ['nvidia.com/gpu'],
    'config=null': ['nvidia.com/gpu'],
    'config.binpack.resources.habana\\.ai/gaudi=5,config.binpack.resources.amd\\.com/gpu=1,config.binpack.resources.kubernetes\\.io/batch-cpu=1,config.binpack.resources.hugepages-2Mi=1':
      ['amd.com/gpu', 'habana.ai/gaudi'],
    'config.binpack.binpack\\.resources=nvidia.com/mig-1g.5gb\\, amd.com/gpu\\,': [
      'nvidia.com/mig-1g.5gb',
      'amd.com/gpu',
    ],
  };
  for (const [values, names] of Object.entries(devices)) {
    test(`${values}: the second scheduler asks about pods with ${names.join(' and ')}, and packs by them`, () => {
      const objects = rendered(['secondScheduler.enabled=true', values]);
      const configMap = objects.find(
        ({ kind, metadata }) => kind === 'ConfigMap' && objectAt(metadata).name === 'packdown-scheduler',
      );
      const config = objectAt(configMap, 'data', 'config.yaml');
      const managed = listAt(listAt(config, 'extenders')[0], 'managedResources');
      assert.deepEqual(
        managed,
        names.map((name) => ({ name, ignoredByScheduler: false })),
      );
      const fit = listAt(listAt(config, 'profiles')[0], 'pluginConfig').find(({ name }) => name === 'NodeResourcesFit');
      const packed = listAt(fit, 'args', 'scoringStrategy', 'resources').map(({ name }) => name);
      assert.deepEqual(packed, [...names, 'cpu', 'memory']);
    });
  }

  test('the second scheduler presents the certificate of a Secret, and reads it from where it is mounted', () => {
    const scheduler = rendered(['secondScheduler.enabled=true', 'secondScheduler.clientCertificate=caller']).filter(
      ({ metadata }) => objectAt(metadata).name === 'packdown-scheduler',
    );
    const ofKind = (wanted: string) => scheduler.find(({ kind }) => kind === wanted);
    const podSpec = objectAt(ofKind('Deployment'), 'spec', 'template', 'spec');
    const volume = listAt(podSpec, 'volumes').find(
      ({ secret }) => objectAt({ secret }, 'secret').secretName === 'caller',
    );
    const mount = listAt(listAt(podSpec, 'containers')[0], 'volumeMounts').find(({ name }) => name === volume?.name);
    const [extender] = listAt(objectAt(ofKind('ConfigMap'), 'data', 'config.yaml'), 'extenders');
    const { certFile, keyFile } = objectAt(extender, 'tlsConfig');
    assert.deepEqual([certFile, keyFile], [`${mount?.mountPath}/tls.crt`, `${mount?.mountPath}/tls.key`]);
  });

  test('where pods go and where the image comes from can be said', () => {
    const image = ['image.repository=registry.example/packdown', 'image.tag=v1', 'image.pullSecrets={login}'];
    const place = ['nodeSelector.pool=system', 'priorityClassName=urgent', 'tolerations[0].operator=Exists'];
    const objects = rendered([...image, ...place, 'secondScheduler.enabled=true']);
    const [own, second, ...others] = objects.filter(({ kind }) => kind === 'Deployment');
    assert.deepEqual(others, []);
    for (const deployment of [own, second]) {
      const podSpec = objectAt(deployment, 'spec', 'template', 'spec');
      const account = objects.find(
        ({ kind, metadata }) => kind === 'ServiceAccount' && objectAt(metadata).name === podSpec.serviceAccountName,
      );
      // Of the account, whose clean-up has to pull as well.
      assert.deepEqual(account?.imagePullSecrets, [{ name: 'login' }]);
      assert.deepEqual(podSpec.nodeSelector, { pool: 'system' });
      assert.deepEqual(podSpec.tolerations, [{ operator: 'Exists' }]);
      assert.equal(podSpec.priorityClassName, 'urgent');
    }
    const [container] = listAt(objectAt(own, 'spec', 'template', 'spec'), 'containers');
    assert.equal(container?.image, 'registry.example/packdown:v1');
  });

  const refused: Readonly<Record<string, RegExp>> = {
    'replicas=3': /additional properties 'replicas' not allowed/,
    'certificates=letsencrypt': /certificates/,
    'bind=true': /clientCertificates/,
    'strict=perhaps': /strict/,
    'config.policy=cheapest': /policy/,
    'config.rules.gang-flor=warn': /gang-flor/,
    'config.steering.budget=soon': /budget/,
    'image.tag=1': /tag/,
  };
  for (const [value, reason] of Object.entries(refused)) {
    test(`${value} is refused`, () => {
      const { status, stderr } = helmTemplate(found, [value]);
      assert.notEqual(status, 0);
      assert.match(stderr, reason);
    });
  }

  test('helm lint has nothing to say against it', () => {
    const { status, stdout } = spawnSync(programIn(found, 'helm'), ['lint', '--strict', CHART], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });
});

/** The object with the configurations in it read, and without what only Helm needs. */
function inEffect(object: JsonObject): JsonObject {
  if (object.kind === 'ConfigMap') {
    const text = textOf(objectAt(object, 'data')['config.yaml']) ?? '';
    const isOurs = nameOf(object) === 'packdown';
    const config = isOurs ? readConfig({ file: { name: 'config.yaml', text }, environment: {} }) : load(text);
    return { ...object, data: { 'config.yaml': config } };
  }
  if (object.kind !== 'Deployment') return object;
  const template = objectAt(object, 'spec', 'template');
  const { annotations, ...metadata } = objectAt(template, 'metadata');
  const others = Object.entries(objectAt({ annotations }, 'annotations')).filter(([key]) => key !== 'checksum/config');
  const compared = { ...metadata, annotations: Object.fromEntries(others) };
  return { ...object, spec: { ...objectAt(object, 'spec'), template: { ...template, metadata: compared } } };
}
