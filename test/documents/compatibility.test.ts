import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { adapters } from '../../src/workloads/registry.ts';
import { ROOT } from './example-server.ts';
import { tableOf } from './markdown.ts';

const PAGE = readFileSync(join(ROOT, 'docs', 'compatibility.md'), 'utf8');

test('docs/compatibility.md names the versions that the end-to-end tests build', () => {
  const built = globSync('test/e2e/tools/*/go.mod', { cwd: ROOT }).flatMap((file) =>
    modulesOf(readFileSync(join(ROOT, file), 'utf8'), basename(dirname(file))),
  );
  const listed = tableOf(PAGE, 'module').map(([module = '', version]) => [module.replaceAll('`', ''), version]);
  assert.deepEqual(Object.fromEntries(listed), Object.fromEntries(built));
});

test('docs/compatibility.md says of every kind how it was tested', () => {
  const listed = tableOf(PAGE, 'kind');
  assert.deepEqual(
    listed.map((row) => row.slice(0, 3)),
    adapters.map(({ kind, group, versions }) => [kind, group, versions.join(', ')]),
  );
  for (const [kind, , , controller = '', how = ''] of listed) {
    assert.notEqual(controller, '', kind);
    assert.match(how, /^(real|double|schema)\b/, kind);
  }
});

/**
 * What a go.mod is there for, each with its version: the modules of its tools, or else the one that its folder is named
 * after.
 */
function modulesOf(text: string, folder: string): readonly (readonly [string, string])[] {
  const required = [...text.matchAll(/^(?:require)?\s+(\S+) (v\S+)/gm)];
  const [, block = '', single = ''] = /^tool (?:\(([^)]*)\)|(\S+))/m.exec(text) ?? [];
  const tools = [...block.trim().split(/\s+/), single].filter((tool) => tool !== '');
  const moduleOf = (tool: string) =>
    required
      .filter(([, module = '']) => tool === module || tool.startsWith(`${module}/`))
      .sort(([, a = ''], [, b = '']) => b.length - a.length)
      .slice(0, 1);
  const namesake = required.filter(([, module = '']) => basename(module) === folder);
  const wanted = tools.length === 0 ? namesake : tools.flatMap(moduleOf);
  assert.ok(wanted.length >= Math.max(1, tools.length));
  return wanted.map(([, module = '', version = '']) => [module, version] as const);
}
