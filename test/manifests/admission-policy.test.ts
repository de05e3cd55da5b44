import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { COST_OWNER, POD_DELETION_COST, VICTIM } from '../../src/domain/fleet/annotations.ts';
import { type JsonObject, listAt, listTexts, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { INSTANCE_DELETION_COST } from '../../src/workloads/rbg/api.ts';
import { MANIFESTS, nameOf, objectsOf, only } from './kustomize.ts';

const base = objectsOf(join(MANIFESTS, 'base'));
const policy = only(base, 'ValidatingAdmissionPolicy');

test('the admission policy concerns the account that packdown runs as', () => {
  const { namespace, name } = objectAt(only(base, 'ServiceAccount'), 'metadata');
  const [condition, ...others] = listAt(policy, 'spec', 'matchConditions');
  assert.deepEqual(others, []);
  assert.equal(condition?.expression, `request.userInfo.username == 'system:serviceaccount:${namespace}:${name}'`);
});

test('it covers everything that the role lets packdown patch, but for Events, which are its own', () => {
  const covered = (rule: JsonObject) =>
    listTexts(rule, 'apiGroups').flatMap((group) =>
      listTexts(rule, 'resources').map((resource) => `${group}/${resource}`),
    );
  const patchable = listAt(only(base, 'ClusterRole'), 'rules')
    .filter((rule) => listTexts(rule, 'verbs').includes('patch'))
    .flatMap(covered)
    .filter((resource) => resource !== 'events.k8s.io/events');
  const policed = listAt(policy, 'spec', 'matchConstraints', 'resourceRules').flatMap(covered);
  assert.deepEqual(
    policed.filter((resource) => !resource.endsWith('/*')),
    patchable,
  );
});

test('it leaves packdown the annotations that it writes', () => {
  const ours = listAt(policy, 'spec', 'variables').find(({ name }) => name === 'ours');
  const names = [...(textOf(ours?.expression) ?? '').matchAll(/'([^']+)'/g)].map(([, name]) => name);
  assert.deepEqual(names, [POD_DELETION_COST, INSTANCE_DELETION_COST, COST_OWNER, VICTIM]);
});

test('it refuses, and where it cannot be evaluated too', () => {
  assert.equal(objectAt(policy, 'spec').failurePolicy, 'Fail');
  assert.deepEqual(objectAt(only(base, 'ValidatingAdmissionPolicyBinding'), 'spec'), {
    policyName: nameOf(policy),
    validationActions: ['Deny'],
  });
});
