import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listAt, objectAt } from '../../src/workloads/core/json.ts';
import { MANIFESTS, objectsOf, only } from './kustomize.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const PACKAGE = JSON.parse(read('package.json'));

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** The stages of the Dockerfile: each a FROM and what follows it. */
function stagesOf(dockerfile: string): readonly (readonly Instruction[])[] {
  const stages: Instruction[][] = [];
  for (const line of dockerfile.replaceAll(/\\\n\s*/g, '').split('\n')) {
    const [, name, rest] = /^([A-Z]+)\s+(.+)$/.exec(line.trim()) ?? [];
    if (name === undefined || rest === undefined) continue;
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, rest });
  }
  return stages;
}

const valuesOf = (stage: readonly Instruction[], name: string) =>
  stage.filter((instruction) => instruction.name === name).map(({ rest }) => rest);

/** What a COPY without --from takes out of the build context. */
function contextSources(stage: readonly Instruction[]): readonly string[] {
  return valuesOf(stage, 'COPY')
    .filter((rest) => !rest.startsWith('--from='))
    .flatMap((rest) => rest.split(/\s+/).slice(0, -1));
}

/** Whether .dockerignore keeps a path at the root out of the build context: the last pattern that matches decides. */
function isIgnored(path: string): boolean {
  const patterns = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return patterns.reduce((ignored, pattern) => {
    const name = pattern.replace(/^!/, '').replace(/\/$/, '');
    return name === '*' || name === path ? !pattern.startsWith('!') : ignored;
  }, false);
}

const [build = [], runtime = [], ...others] = stagesOf(read('Dockerfile'));

test('the image is built in one stage and runs in another', () => {
  assert.deepEqual(others, []);
  assert.match(valuesOf(build, 'FROM').join(), /^node:24\b.* AS build$/);
  assert.match(valuesOf(runtime, 'FROM').join(), /nodejs24.*:nonroot$/);
});

test('everything that is copied exists and is not ignored', () => {
  const sources = contextSources(build);
  assert.deepEqual([...sources].sort(), [
    'package-lock.json',
    'package.json',
    'src',
    'tsconfig.build.json',
    'tsconfig.json',
  ]);
  for (const source of sources) {
    assert.ok(existsSync(join(ROOT, source)), `${source} does not exist`);
    assert.equal(isIgnored(source), false, `${source} is ignored`);
  }
});

test('nothing else of the checkout gets into the build context', () => {
  for (const path of ['node_modules', '.git', 'dist', 'test', 'certs', 'manifests', 'tls.key']) {
    assert.equal(isIgnored(path), true, path);
  }
});

test('everything that the compiler reads is copied before it runs', () => {
  const names = build.map(({ name, rest }) => `${name} ${rest}`);
  const step = (pattern: RegExp) => {
    const place = names.findIndex((line) => pattern.test(line));
    assert.ok(place >= 0, `no step is ${pattern}`);
    return place;
  };
  assert.ok(step(/^COPY package\.json package-lock\.json /) < step(/^RUN npm ci /));
  assert.ok(step(/^RUN npm ci /) < step(/^COPY src /));
  assert.ok(step(/^COPY src /) < step(/^RUN npm run /));
  assert.ok(step(/^COPY tsconfig\.json tsconfig\.build\.json /) < step(/^RUN npm run /));
  assert.deepEqual(JSON.parse(read('tsconfig.build.json')).include, ['src']);
  assert.equal(JSON.parse(read('tsconfig.build.json')).compilerOptions.outDir, 'dist');
});

test('the scripts that are run exist', () => {
  const scripts = valuesOf(build, 'RUN').flatMap((rest) => [...rest.matchAll(/npm run (?:-s )?([\w:-]+)/g)]);
  assert.deepEqual(
    scripts.map(([, script]) => script),
    ['build'],
  );
  for (const [, script] of scripts) assert.equal(typeof PACKAGE.scripts[script ?? ''], 'string');
});

test('the Node.js that a checkout brings is not downloaded, and nothing for development is kept', () => {
  assert.equal(typeof PACKAGE.devDependencies.node, 'string');
  const commands = valuesOf(build, 'RUN').flatMap((rest) => rest.split(' && '));
  const installs = commands.filter((command) => /^npm (ci|prune)\b/.test(command));
  assert.equal(installs.length, 2);
  for (const command of installs) assert.match(command, / --ignore-scripts\b/);
  assert.match(commands.at(-1) ?? '', /^npm prune --omit=dev\b/);
});

test('the image holds the compiled program, its dependencies and the package.json that names its version', () => {
  assert.deepEqual(valuesOf(runtime, 'COPY'), [
    '--from=build /app/package.json ./',
    '--from=build /app/node_modules node_modules',
    '--from=build /app/dist dist',
  ]);
  assert.deepEqual([...valuesOf(build, 'WORKDIR'), ...valuesOf(runtime, 'WORKDIR')], ['/app', '/app']);
  assert.ok(existsSync(join(ROOT, 'src/main.ts')));
  assert.deepEqual(JSON.parse(valuesOf(runtime, 'ENTRYPOINT').join()), [
    '/nodejs/bin/node',
    '--max-semi-space-size=2',
    'dist/main.js',
  ]);
});

test('the image runs as no root and exposes the ports of the Deployment', () => {
  assert.deepEqual(valuesOf(runtime, 'USER'), ['nonroot']);
  const deployment = only(objectsOf(join(MANIFESTS, 'base')), 'Deployment');
  const [container] = listAt(objectAt(deployment, 'spec', 'template', 'spec'), 'containers');
  const ports = listAt(container, 'ports').map(({ containerPort }) => String(containerPort));
  assert.deepEqual(valuesOf(runtime, 'EXPOSE').join(' ').split(' '), ports);
});
