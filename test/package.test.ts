import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { consolidate } from '../src/domain/planner/joint.ts';
import { logOnTerminal } from './commands/terminal.ts';
import { largeProblem } from './planning/large-problem.ts';

const ROOT = join(import.meta.dirname, '..');
const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
let folder = '';
let packed: { readonly filename: string; readonly integrity: string };

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'packdown-package-'));
  [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', folder], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  execFileSync('tar', ['-xzf', join(folder, packed.filename), '-C', folder]);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'package', 'node_modules'));
});

after(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the packed package holds compiled JavaScript that runs', () => {
  const launcher = join(folder, 'package', 'bin', 'packdown.cjs');
  const fleet = join(folder, 'package', 'manifests', 'examples', 'fleet.yaml');
  const args = [launcher, 'plan', '--fleet', fleet, '--scale', 'ModelServing/llm/chat=3', '-o', 'json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: {} });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout).nodesFreed, ['gpu-1']);
});

test("the packed package's planner has its thread", async () => {
  const module = pathToFileURL(join(folder, 'package', 'dist', 'planning', 'planner-thread.js'));
  const { PlannerThread } = await import(module.href);
  const planner = new PlannerThread({ onTrouble: (problem: string) => assert.fail(problem) });
  const problem = largeProblem();
  assert.deepEqual(await planner.solve(problem, 60_000), consolidate(problem).removed);
  await planner.close();
});

test('the packed package runs by npx where nothing else is installed', (t) => {
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ dependencies: { packdown: `file:../${packed.filename}` } }),
  );
  const locked = lockfile();
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify(locked));
  const installed = npm(project, 'npm', 'ci', '--offline', '--no-audit', '--no-fund');
  const [, uncached] =
    /ENOTCACHED[\s\S]* request to https?:\/\/\S+?\/(\S+?)(?:\/\S*)? failed/.exec(installed.stderr) ?? [];
  if (uncached !== undefined && `node_modules/${decodeURIComponent(uncached)}` in locked.packages)
    return t.skip(`npm has not cached ${uncached}: npm ci does`);
  assert.equal(installed.status, 0, installed.stderr);

  const fleet = 'node_modules/packdown/manifests/examples/fleet.yaml';
  const scale = ['--scale', 'ModelServing/llm/chat=3', '-o', 'json'];
  const planned = npm(project, 'npx', '--offline', 'packdown', 'plan', '--fleet', fleet, ...scale);
  assert.equal(planned.status, 0, planned.stderr);
  assert.deepEqual(JSON.parse(planned.stdout).nodesFreed, ['gpu-1']);
  assert.equal(npm(project, 'npx', '--offline', 'kubectl-packdown', 'version').stdout, `${PACKAGE.version}\n`);
  if (process.platform !== 'linux') return;
  const { href } = pathToFileURL(join(project, 'node_modules/packdown/dist/observability/log.js'));
  assert.match(logOnTerminal(href).stdout, /INFO: serving/);
});

/** What npm would lock for a project that depends on the packed package alone: the versions that are tested here. */
function lockfile() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const { version, dependencies, bin, engines } = PACKAGE;
  const resolved = `file:../${packed.filename}`;
  const { integrity } = packed;
  const needed = Object.entries<{ readonly dev?: boolean }>(packages).filter(([path, { dev }]) => path !== '' && !dev);
  return {
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { dependencies: { packdown: resolved } },
      'node_modules/packdown': { version, resolved, integrity, dependencies, bin, engines },
      ...Object.fromEntries(needed),
    },
  };
}

/** Runs npm or npx in a folder, on this Node.js. */
function npm(cwd: string, command: string, ...args: readonly string[]) {
  // What npm tells the scripts that it runs would lead it back to this checkout.
  const own = Object.entries(process.env).filter(([name]) => !/^npm_(?!config_cache$)/.test(name));
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
  return spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...Object.fromEntries(own), PATH: path } });
}

test('the packed package holds nothing that only development needs', () => {
  const { stdout } = spawnSync('find', ['.', '-type', 'f', '-not', '-path', './node_modules/*'], {
    cwd: join(folder, 'package'),
    encoding: 'utf8',
  });
  const strangers = stdout
    .split('\n')
    .filter(
      (file) =>
        file !== '' &&
        !/^\.\/(package\.json|README\.md|CHANGELOG\.md|LICENSE|(bin|dist|docs|manifests|certs|bench\/results)\/.*|bench\/RESULTS\.md)$/.test(
          file,
        ),
    );
  assert.deepEqual(strangers, []);
});
