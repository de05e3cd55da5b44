import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const SOURCE = join(import.meta.dirname, '..', 'src');

/** Each room and the rooms it may import: one direction, no way back. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  workloads: ['domain'],
  config: ['domain', 'workloads'],
  scheduler: ['domain', 'workloads'],
  admission: ['domain', 'workloads', 'config'],
  background: ['domain', 'workloads', 'config'],
  cluster: ['domain', 'workloads'],
  planning: ['domain'],
  http: ['domain', 'workloads', 'config', 'admission', 'scheduler'],
  observability: ['domain', 'workloads', 'config', 'admission', 'http'],
  commands: [
    'domain',
    'workloads',
    'config',
    'admission',
    'background',
    'scheduler',
    'cluster',
    'planning',
    'http',
    'observability',
    'version.ts',
  ],
  'version.ts': [],
  'main.ts': ['commands'],
};

const MAY_IMPORT_IN_DOMAIN: Readonly<Record<string, readonly string[]>> = {
  resources: [],
  planner: [],
  fleet: ['resources'],
  score: ['fleet', 'resources'],
  ordering: ['fleet'],
  victims: ['fleet', 'ordering', 'planner', 'score'],
};

const files = globSync('**/*.ts', { cwd: SOURCE }).sort();

test('every source file is in a room that the architecture names', () => {
  const rooms = new Set(files.map(roomOf));
  assert.deepEqual([...rooms].sort(), Object.keys(MAY_IMPORT).sort());
});

test('imports between rooms run in one direction', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => target.startsWith('.'))
      .map((target) => relative(SOURCE, join(SOURCE, dirname(file), target)))
      .filter((target) => roomOf(target) !== roomOf(file) && !MAY_IMPORT[roomOf(file)]?.includes(roomOf(target)))
      .map((target) => `${file} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test('so they do between the rooms of the domain', () => {
  const inside = files.filter((file) => roomOf(file) === 'domain').map((file) => file.slice('domain/'.length));
  const rooms = new Set(inside.filter((file) => file.includes('/')).map(roomOf));
  assert.deepEqual([...rooms].sort(), Object.keys(MAY_IMPORT_IN_DOMAIN).sort());
  const wrong = inside.flatMap((file) =>
    importsOf(`domain/${file}`)
      .map((target) => relative(SOURCE, join(SOURCE, 'domain', dirname(file), target)).slice('domain/'.length))
      // What lies beside the rooms is for all of them.
      .filter((target) => target.includes('/') && roomOf(target) !== roomOf(file))
      .filter((target) => !MAY_IMPORT_IN_DOMAIN[roomOf(file)]?.includes(roomOf(target)))
      .map((target) => `${file} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test('no file is imported in a circle', () => {
  const graph = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => relative(SOURCE, join(SOURCE, dirname(file), target))),
    ]),
  );
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    assert.ok(!path.includes(file), `a circle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`);
    if (finished.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    finished.add(file);
  };
  for (const file of files) visit(file, []);
});

test('the domain imports nothing from outside and knows no clock, chance or process', () => {
  for (const file of files.filter((name) => roomOf(name) === 'domain')) {
    const outside = importsOf(file).filter((target) => !target.startsWith('.'));
    assert.deepEqual(outside, [], file);
    const code = readFileSync(join(SOURCE, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    assert.doesNotMatch(code, /Date\.now|new Date\(\)|Math\.random|process\.|setTimeout|fetch\(|console\./, file);
  }
});

function roomOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].flatMap((match) => match[1] ?? []);
}
