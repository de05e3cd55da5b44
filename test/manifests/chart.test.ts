import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { configSchema } from '../../src/config/schema.ts';
import { objectAt } from '../../src/workloads/core/json.ts';
import { MANIFESTS } from './kustomize.ts';

const read = (name: string) => readFileSync(join(MANIFESTS, 'helm', name), 'utf8');
const chart = objectAt(load(read('Chart.yaml')));
const schema: unknown = JSON.parse(read('values.schema.json'));

test('the chart has the version of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.deepEqual([chart.version, chart.appVersion], [version, version]);
});

test("the schema of the chart's values has packdown's own for its configuration", () => {
  assert.deepEqual(objectAt(schema, 'properties', 'config'), JSON.parse(JSON.stringify(configSchema)));
});

test('every value of the chart is in the schema, and every one of the schema has a default', () => {
  const known = Object.keys(objectAt(schema, 'properties')).filter((key) => key !== 'global');
  assert.deepEqual(Object.keys(objectAt(load(read('values.yaml')))).sort(), known.sort());
  assert.equal(objectAt(schema).additionalProperties, false);
});
