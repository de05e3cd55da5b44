import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { VERSION } from '../src/version.ts';
import { listAt, objectAt } from '../src/workloads/core/json.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const PACKAGE: unknown = JSON.parse(read('package.json'));

test('package.json has the version, and everything else that names one has the same', () => {
  assert.equal(objectAt(PACKAGE).version, VERSION);
  const locked: unknown = JSON.parse(read('package-lock.json'));
  assert.deepEqual([objectAt(locked).version, objectAt(locked, 'packages', '').version], [VERSION, VERSION]);
  const tags = globSync('manifests/**/kustomization.yaml', { cwd: ROOT }).flatMap((file) =>
    listAt(load(read(file)), 'images').flatMap(({ name, newTag }) => (name === 'packdown' ? [[file, newTag]] : [])),
  );
  const charts = globSync('manifests/**/Chart.yaml', { cwd: ROOT }).flatMap((file) => {
    const { version, appVersion } = objectAt(load(read(file)));
    return [version, appVersion].map((named) => [file, named]);
  });
  for (const named of [tags, charts]) {
    assert.ok(named.length > 0);
    for (const [file, version] of named) assert.equal(version, VERSION, `${file}`);
  }
});

test('documents name images and packages of this version', () => {
  const named = ['README.md', ...globSync('{docs,manifests}/**/*.md', { cwd: ROOT })].flatMap((file) =>
    [...read(file).matchAll(/\bpackdown[:-](\d+\.\d+\.\d+)/g)].map(([text, version]) => [`${file}: ${text}`, version]),
  );
  assert.ok(named.length > 0);
  for (const [place, version] of named) assert.equal(version, VERSION, place);
});

test('the change log begins with what this version has', () => {
  const [, newest] = /^## \[(\S+)\] - (?:\d{4}-\d\d-\d\d|unreleased)$/m.exec(read('CHANGELOG.md')) ?? [];
  assert.equal(newest, VERSION);
});
