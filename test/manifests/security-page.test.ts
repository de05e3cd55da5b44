import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type JsonObject, listAt, listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { tableOf } from '../documents/markdown.ts';
import { documents, MANIFESTS, nameOf } from './kustomize.ts';

const PAGE = readFileSync(join(MANIFESTS, '..', 'docs', 'security.md'), 'utf8');
const READING = ['get', 'list', 'watch'];

const found = globSync('{base,components}/**/*.yaml', { cwd: MANIFESTS }).flatMap((file) =>
  documents(join(MANIFESTS, file)).map((object) => ({ file, object })),
);

/** The roles that packdown's own account is bound to, as `Kind/name`. */
const bound = found
  .filter(({ object }) => listAt(object, 'subjects').some((subject) => subject.name === 'packdown'))
  .map(({ object }) => `${objectAt(object, 'roleRef').kind}/${objectAt(object, 'roleRef').name}`);

/** A line of the table: what a rule is about, and its verbs; null for one that only reads what is no Secret. */
function rowOf(file: string, rule: JsonObject): string | null {
  const verbs = listTexts(rule, 'verbs');
  const resources = listTexts(rule, 'resources');
  if (verbs.every((verb) => READING.includes(verb)) && !resources.includes('secrets')) return null;
  const named = resources.flatMap((resource) =>
    listTexts(rule, 'apiGroups').map((group) => (group === '' ? resource : `${resource}.${group}`)),
  );
  const names = listTexts(rule, 'resourceNames');
  return [file, [named.join(', '), names.join(', ')].join(' ').trim(), verbs.join(', ')].join(' | ');
}

test('docs/security.md lists everything that packdown may write, and by which file', () => {
  const roles = found.filter(({ object }) => bound.includes(`${object.kind}/${nameOf(object)}`));
  assert.ok(roles.length > 0);
  const allowed = roles.flatMap(({ file, object }) =>
    listAt(object, 'rules').flatMap((rule) => rowOf(file, rule) ?? []),
  );
  const listed = tableOf(PAGE, 'allowed by').map((row) => row.slice(0, 3).join(' | ').replaceAll('`', ''));
  assert.deepEqual([...listed].sort(), [...allowed].sort());
});
