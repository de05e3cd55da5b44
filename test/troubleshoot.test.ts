import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { rules } from '../src/domain/ordering/rules.ts';
import { listAt, objectAt, textOf } from '../src/workloads/core/json.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8');
const page = read('docs/troubleshoot.md');
/** The headings of one part of the page. */
const entries = (part: string) => {
  const [, after = ''] = page.split(`\n## ${part}\n`);
  const [text = ''] = after.split('\n## ');
  return Array.from(text.matchAll(/^### (.+)$/gm), ([, heading]) => heading);
};
const alerts = listAt(load(read('manifests/observability/alerts.yaml')), 'spec', 'groups').flatMap((group) =>
  listAt(group, 'rules'),
);

test('every rule has an entry of its own', () => {
  assert.deepEqual(
    entries('Refusals'),
    rules.map(({ name }) => name),
  );
});

test('every alert has an entry of its own, and leads to it', () => {
  assert.deepEqual(
    entries('Alerts'),
    alerts.map(({ alert }) => alert),
  );
  for (const rule of alerts) {
    const name = textOf(rule.alert) ?? '';
    assert.equal(objectAt(rule, 'annotations').runbook, `docs/troubleshoot.md#${name.toLowerCase()}`);
  }
});
