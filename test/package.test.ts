import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { consolidate } from '../src/domain/planner/joint.ts';
import { largeProblem } from './planning/large-problem.ts';

const ROOT = join(import.meta.dirname, '..');
let folder = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'packdown-package-'));
  const [packed] = JSON.parse(
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

test('the packed package holds nothing that only development needs', () => {
  const { stdout } = spawnSync('find', ['.', '-type', 'f', '-not', '-path', './node_modules/*'], {
    cwd: join(folder, 'package'),
    encoding: 'utf8',
  });
  const strangers = stdout
    .split('\n')
    .filter((file) => file !== '' && !/^\.\/(package\.json|README\.md|LICENSE|(bin|dist|manifests)\/.*)$/.test(file));
  assert.deepEqual(strangers, []);
});
