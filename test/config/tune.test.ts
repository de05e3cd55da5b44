import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { defaultConfig } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { configSchema } from '../../src/config/schema.ts';
import { messageOf } from '../../src/domain/coded-error.ts';
import * as annotations from '../../src/domain/fleet/annotations.ts';
import { isObject } from '../../src/workloads/core/json.ts';
import { fencesOf, tableOf } from '../documents/markdown.ts';

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'tune.md'), 'utf8');
const KEYS = tableOf(PAGE, 'key');
const RULES = tableOf(PAGE, 'rule').map(([name = '', mode = '', when = '']) => {
  const variable = `\`PACKDOWN_RULES_${name.replaceAll('`', '').replaceAll('-', '_').toUpperCase()}\``;
  return [name.replace('`', '`rules.'), mode, variable, when];
});
const rows = [...KEYS, ...RULES].map(([key = '', byDefault = '', variable = '', when = '']) => {
  return { key: plain(key), byDefault: load(plain(byDefault)), variable: plain(variable), when };
});

function plain(cell: string): string {
  return cell.replace(/^`(.*)`$/, '$1');
}

/** Every key that the schema takes, `steering.budget` for one within a section. */
function keysOf(schema: unknown, prefix = ''): readonly string[] {
  if (!isObject(schema) || !isObject(schema.properties)) return [prefix.slice(0, -1)];
  return Object.entries(schema.properties).flatMap(([key, inner]) => keysOf(inner, `${prefix}${key}.`));
}

function valueAt(config: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return config;
  return isObject(config) ? valueAt(config[key], rest) : undefined;
}

test('docs/tune.md has every key of the configuration with its default, and says of each when to change it', () => {
  assert.deepEqual(rows.map(({ key }) => key).sort(), [...keysOf(configSchema)].sort());
  for (const { key, byDefault, when } of rows) {
    assert.deepEqual(byDefault, valueAt(defaultConfig, key.split('.')), key);
    assert.ok(when.length > 10, key);
  }
});

test('docs/tune.md names the environment variable of every key that has one', () => {
  const problemWith = (variable: string) => {
    try {
      readConfig({ file: null, environment: { [variable]: '[[]]' } });
      return '';
    } catch (error) {
      return messageOf(error);
    }
  };
  for (const { key, variable } of rows) {
    const name = variable || `PACKDOWN_${key.replace(/\W|(?=[A-Z])/g, '_').toUpperCase()}`;
    assert.equal(problemWith(name).includes(` ${name} must `), variable !== '', key);
  }
});

test('every piece of configuration in docs/tune.md is one', () => {
  const pieces = fencesOf(PAGE).filter(({ info }) => info === 'yaml');
  assert.ok(pieces.length > 0);
  for (const { content } of pieces) {
    const config = readConfig({ file: { name: 'docs/tune.md', text: content }, environment: {} });
    assert.notDeepEqual(config, defaultConfig);
  }
});

test('docs/tune.md has every annotation of packdown', () => {
  const ours = Object.values(annotations).filter((name) => name.startsWith('packdown.io/'));
  const listed = tableOf(PAGE, 'annotation').map(([name = '']) => plain(name));
  assert.deepEqual([...listed].sort(), [...ours].sort());
});
