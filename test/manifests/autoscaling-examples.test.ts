import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { autoscalers } from '../../src/workloads/autoscaling/registry.ts';
import { isObject, listAt, objectAt } from '../../src/workloads/core/json.ts';
import { documents, MANIFESTS } from './kustomize.ts';

const FOLDER = join(MANIFESTS, 'examples/autoscaling');
const docs = readFileSync(join(MANIFESTS, '../docs/autoscalers.md'), 'utf8');
const METRIC = 'kthena_router_active_downstream_requests';

const exampleOf = (file: string) => {
  const [object, ...others] = documents(join(FOLDER, file));
  assert.deepEqual(others, []);
  assert.ok(object);
  return object;
};
const hpa = exampleOf('hpa.yaml');
const scaledObject = exampleOf('scaled-object.yaml');
const policy = exampleOf('autoscaling-policy.yaml');

test('the documentation quotes each file as it is, and no other YAML', () => {
  const quoted = [...docs.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text).sort();
  const files = readdirSync(FOLDER).map((file) => readFileSync(join(FOLDER, file), 'utf8'));
  assert.deepEqual(quoted, files.sort());
});

for (const [object, kind, counts] of [
  [hpa, 'HorizontalPodAutoscaler', [2, 8]],
  [scaledObject, 'ScaledObject', [0, 1, 8]],
  [policy, 'AutoscalingPolicy', [2, 8]],
] as const) {
  test(`packdown reads the ${kind}: which ModelServing it scales, and between which counts`, () => {
    const reader = autoscalers.find((candidate) => candidate.kind === kind);
    assert.ok(reader);
    assert.equal(object.apiVersion, `${reader.group}/${reader.versions.at(-1)}`);
    const [reach, ...others] = reader.reaches(object);
    assert.deepEqual(others, []);
    assert.deepEqual(
      reach?.states.map(({ replicas }) => replicas),
      counts,
    );
    const { group, kind: target, name } = reach?.target ?? {};
    assert.deepEqual(
      { group, target, name },
      { group: 'workload.serving.volcano.sh', target: 'ModelServing', name: 'chat' },
    );
  });
}

test('they look back for the same time before they scale down, which an HPA can', () => {
  const seconds = objectAt(hpa, 'spec', 'behavior', 'scaleDown').stabilizationWindowSeconds;
  const advanced = objectAt(scaledObject, 'spec', 'advanced', 'horizontalPodAutoscalerConfig', 'behavior', 'scaleDown');
  assert.equal(advanced.stabilizationWindowSeconds, seconds);
  assert.equal(objectAt(scaledObject, 'spec').cooldownPeriod, seconds);
  assert.equal(objectAt(policy, 'spec', 'behavior', 'scaleDown').stabilizationWindow, `${Number(seconds) / 60}m`);
  assert.ok(Number(seconds) <= 3600);
});

test("the HPA, the adapter and the ScaledObject read the router's metric, of one model", () => {
  const [metric] = listAt(hpa, 'spec', 'metrics');
  const { name, selector } = objectAt(metric, 'external', 'metric');
  assert.deepEqual([name, objectAt(selector, 'matchLabels')], [METRIC, { model: 'chat' }]);
  const [rule] = listAt(exampleOf('prometheus-adapter-values.yaml'), 'rules', 'external');
  assert.deepEqual([rule?.seriesQuery, objectAt(rule, 'name').as], [METRIC, METRIC]);
  const queries = listAt(scaledObject, 'spec', 'triggers').map((trigger) =>
    String(objectAt(trigger, 'metadata').query),
  );
  assert.ok(queries[0]?.includes(METRIC));
  for (const query of queries) assert.ok(query.includes('model="chat"'), query);
});

/**
 * Of the CRD in Kthena's chart at 3cc0572, which is not to be had here: the keys of each object and what is required.
 */
test("the AutoscalingPolicy has no other keys than Kthena's definition, and a source for every metric", () => {
  const spec = objectAt(policy, 'spec');
  const target = objectAt(spec, 'homogeneousTarget', 'target');
  const sources = objectAt(target, 'metricSources');
  hasOnly(spec, 'tolerancePercent', 'metrics', 'behavior', 'homogeneousTarget');
  hasOnly(objectAt(spec, 'behavior'), 'scaleDown', 'scaleUp');
  hasOnly(
    objectAt(spec, 'behavior', 'scaleDown'),
    'stabilizationWindow',
    'period',
    'instances',
    'percent',
    'selectPolicy',
  );
  hasOnly(objectAt(spec, 'behavior', 'scaleUp'), 'stablePolicy', 'panicPolicy');
  hasOnly(objectAt(spec, 'homogeneousTarget'), 'minReplicas', 'maxReplicas', 'target');
  hasOnly(target, 'targetRef', 'metricSources');
  assert.deepEqual(
    listAt(spec, 'metrics').map(({ name }) => name),
    Object.keys(sources),
  );
  for (const source of Object.values(sources)) {
    assert.deepEqual(Object.keys(objectAt(source)), ['pod']);
    hasOnly(objectAt(source, 'pod'), 'name', 'port', 'uri', 'labelSelector');
  }
});

function hasOnly(object: unknown, ...keys: readonly string[]): void {
  assert.ok(isObject(object));
  const others = Object.keys(object).filter((key) => !keys.includes(key));
  assert.deepEqual(others, []);
}
