import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { adapters } from '../src/workloads/registry.ts';
import { ROOT } from './documents/example-server.ts';
import { tableOf } from './documents/markdown.ts';

const PAGE = readFileSync(join(ROOT, 'docs', 'compatibility.md'), 'utf8');

test('docs/compatibility.md names the versions that the end-to-end tests build', () => {
  const built = globSync('test/e2e/tools/*/go.mod', { cwd: ROOT }).flatMap((file) =>
    toolModules(readFileSync(join(ROOT, file), 'utf8')),
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

/** The modules that have the tools of a go.mod, each with the version that it requires. */
function toolModules(text: string): readonly (readonly [string, string])[] {
  const [, block = '', single = ''] = /^tool (?:\(([^)]*)\)|(\S+))/m.exec(text) ?? [];
  const tools = [...block.trim().split(/\s+/), single].filter((tool) => tool !== '');
  assert.ok(tools.length > 0);
  const required = [...text.matchAll(/^\s+(\S+) (v\S+)/gm)].map(
    ([, module = '', version = '']) => [module, version] as const,
  );
  const modules = tools.map((tool) => {
    const [found] = required
      .filter(([module]) => tool === module || tool.startsWith(`${module}/`))
      .sort(([a], [b]) => b.length - a.length);
    assert.ok(found !== undefined, tool);
    return found;
  });
  return modules;
}
