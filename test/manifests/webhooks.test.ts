import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { autoscalers } from '../../src/workloads/autoscaling/registry.ts';
import { type JsonObject, listAt, listTexts, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { adapters } from '../../src/workloads/registry.ts';
import { MANIFESTS, objectsOf, only } from './kustomize.ts';

const base = objectsOf(join(MANIFESTS, 'base'));
const validating = listAt(only(base, 'ValidatingWebhookConfiguration'), 'webhooks');
const mutating = listAt(only(base, 'MutatingWebhookConfiguration'), 'webhooks');

/** What a webhook's rules let through, as `OPERATION group/version/resource`. */
function intercepted(webhook: JsonObject | undefined): readonly string[] {
  return listAt(webhook, 'rules').flatMap((rule) =>
    listTexts(rule, 'operations').flatMap((operation) =>
      listTexts(rule, 'apiGroups').flatMap((group) =>
        listTexts(rule, 'apiVersions').flatMap((version) =>
          listTexts(rule, 'resources').map((resource) => `${operation} ${group}/${version}/${resource}`),
        ),
      ),
    ),
  );
}

/** Whether a namespaceSelector takes a namespace with these labels, for the operators that the manifests use. */
function selects(selector: JsonObject, labels: Readonly<Record<string, string>>): boolean {
  assert.deepEqual(Object.keys(selector), ['matchExpressions']);
  return listAt(selector, 'matchExpressions').every((expression) => {
    assert.equal(expression.operator, 'NotIn');
    return !listTexts(expression, 'values').includes(labels[textOf(expression.key) ?? ''] ?? '');
  });
}

test('the validating webhook sees updates of every workload and /scale, what autoscalers are bound by, and nothing else', () => {
  assert.equal(validating.length, 1);
  const changes = adapters.flatMap(({ group, versions, resource, scalable }) =>
    versions.flatMap((version) => {
      const object = `UPDATE ${group}/${version}/${resource}`;
      return scalable ? [object, `${object}/scale`] : [object];
    }),
  );
  const bounds = autoscalers.flatMap(({ group, versions, resource }) =>
    versions.flatMap((version) => ['CREATE', 'UPDATE'].map((verb) => `${verb} ${group}/${version}/${resource}`)),
  );
  assert.deepEqual([...intercepted(validating[0])].sort(), [...changes, ...bounds].sort());
});

test('the mutating webhooks see bindings, pods that are created, and updates of what adapters fill in', () => {
  const [bindings, pods, ...lists] = mutating.map(intercepted);
  assert.deepEqual([bindings, pods], [['CREATE /v1/pods/binding'], ['CREATE /v1/pods']]);
  const expected = adapters
    .filter(({ fillIn }) => fillIn !== undefined)
    .flatMap(({ group, versions, resource }) => versions.map((version) => `UPDATE ${group}/${version}/${resource}`));
  assert.deepEqual(lists.flat(), expected);
});

test('of pods that are created, only those with a node and no mirror pods are sent', () => {
  const [bindings, pods] = mutating;
  assert.deepEqual(listAt(bindings, 'matchConditions'), []);
  assert.deepEqual(
    listAt(pods, 'matchConditions').map(({ expression }) => expression),
    [
      "has(object.spec.nodeName) && object.spec.nodeName != ''",
      "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)",
    ],
  );
});

test('nothing waits for packdown or is refused when it is down', () => {
  const terms = ({ failurePolicy, timeoutSeconds, sideEffects, matchPolicy }: JsonObject) => ({
    failurePolicy,
    timeoutSeconds,
    sideEffects,
    matchPolicy,
  });
  const common = { failurePolicy: 'Ignore', matchPolicy: 'Equivalent' };
  assert.deepEqual(validating.map(terms), [{ ...common, timeoutSeconds: 5, sideEffects: 'NoneOnDryRun' }]);
  const mutatingTerms = { ...common, timeoutSeconds: 2, sideEffects: 'None' };
  assert.deepEqual(mutating.map(terms), [mutatingTerms, mutatingTerms, mutatingTerms]);
});

test('every webhook speaks admission v1 and has a name of its own', () => {
  const webhooks = [...validating, ...mutating];
  for (const webhook of webhooks) assert.deepEqual(listTexts(webhook, 'admissionReviewVersions'), ['v1']);
  assert.deepEqual(
    webhooks.map(({ name }) => name),
    ['workloads.packdown.io', 'bindings.packdown.io', 'pods.packdown.io', 'lists.packdown.io'],
  );
});

for (const webhook of [...validating, ...mutating]) {
  test(`${webhook.name} leaves out kube-system, packdown's own namespace and ignored ones`, () => {
    const selector = objectAt(webhook, 'namespaceSelector');
    const name = 'kubernetes.io/metadata.name';
    assert.equal(selects(selector, { [name]: 'kube-system' }), false);
    assert.equal(selects(selector, { [name]: 'packdown-system' }), false);
    assert.equal(selects(selector, { [name]: 'llm', 'packdown.io/ignore': 'true' }), false);
    assert.equal(selects(selector, { [name]: 'llm', 'packdown.io/ignore': 'false' }), true);
    assert.equal(selects(selector, { [name]: 'llm' }), true);
  });
}

test('every webhook reaches the Service, at a path that packdown serves', () => {
  const service = only(base, 'Service');
  const { name, namespace } = objectAt(service, 'metadata');
  const [port] = listAt(service, 'spec', 'ports');
  const target = (path: string) => ({ name, namespace, path, port: port?.port });
  const services = (webhooks: readonly JsonObject[]) =>
    webhooks.map((webhook) => objectAt(webhook, 'clientConfig', 'service'));
  assert.deepEqual(services(validating), [target('/validate')]);
  assert.deepEqual(services(mutating), [target('/mutate'), target('/mutate'), target('/mutate')]);
});
