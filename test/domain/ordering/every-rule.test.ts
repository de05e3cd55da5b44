import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rules } from '../../../src/domain/ordering/rules.ts';

/** All that test/domain/ordering/rules.test.ts has by name. */
const NAMES = rules.map(({ name }) => name);

const SOURCE = join(import.meta.dirname, '..', '..', '..', 'src', 'domain', 'ordering');

test('every rule has a file of its own by its name', () => {
  const declaring = globSync('*.ts', { cwd: SOURCE }).filter((file) => / = \{\n {2}name: '/.test(read(SOURCE, file)));
  assert.deepEqual(declaring.sort(), NAMES.map((name) => `${name}.ts`).sort());
});

test('every rule has a table of cases by its name, with some that it allows and some that it finds', () => {
  for (const name of NAMES) {
    const cases = read(import.meta.dirname, `${name}.test.ts`);
    assert.match(cases, new RegExp(`from '../../../src/domain/ordering/${name}.ts'`), name);
    assert.match(cases, /\btestRule\(/, name);
    assert.match(cases, /finds: \[\]/, name);
    assert.match(cases, /finds: \[\s*[^\]\s]/, name);
  }
});

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}
