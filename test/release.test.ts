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
  for (const file of globSync('manifests/**/kustomization.yaml', { cwd: ROOT })) {
    const tags = listAt(load(read(file)), 'images').filter(({ name }) => name === 'packdown');
    for (const { newTag } of tags) assert.equal(newTag, VERSION, file);
  }
  for (const file of globSync('manifests/**/Chart.yaml', { cwd: ROOT })) {
    const { version, appVersion } = objectAt(load(read(file)));
    assert.deepEqual([version, appVersion], [VERSION, VERSION], file);
  }
});

test('documents name images and packages of this version', () => {
  for (const file of ['README.md', ...globSync('{docs,manifests}/**/*.md', { cwd: ROOT })]) {
    for (const [text, version] of read(file).matchAll(/\bpackdown[:-](\d+\.\d+\.\d+)/g)) {
      assert.equal(version, VERSION, `${file}: ${text}`);
    }
  }
});

test('the change log begins with what this version has', () => {
  const [, newest] = /^## \[(\S+)\] - (?:\d{4}-\d\d-\d\d|unreleased)$/m.exec(read('CHANGELOG.md')) ?? [];
  assert.equal(newest, VERSION);
});
