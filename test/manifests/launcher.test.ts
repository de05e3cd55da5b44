import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../bin/packdown.cjs', import.meta.url));
const PACKAGE = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const installed = mkdtempSync(join(tmpdir(), 'packdown-installed-'));
after(() => rmSync(installed, { recursive: true }));
mkdirSync(join(installed, 'bin'));
mkdirSync(join(installed, 'dist'));
copyFileSync(LAUNCHER, join(installed, 'bin/packdown.cjs'));
writeFileSync(join(installed, 'package.json'), JSON.stringify({ type: 'module' }));
writeFileSync(
  join(installed, 'dist/main.js'),
  'console.log(JSON.stringify(process.argv.slice(2)));\nprocess.exitCode = await Promise.resolve(3);\n',
);

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(node: string, nodeArguments: readonly string[], ...args: readonly string[]): Outcome {
  const launcher = join(installed, 'bin/packdown.cjs');
  const { status, stdout, stderr } = spawnSync(node, [...nodeArguments, launcher, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const refusal = (version: string): Outcome => ({
  status: 2,
  stdout: '',
  stderr: `packdown needs Node.js 24 or newer; this is v${version}. Install a newer one from https://nodejs.org and try again.\n`,
});

/** Runs the launcher on this Node, which says that it is another. */
function runAs(version: string): Outcome {
  const preload = join(installed, 'versions.cjs');
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });\n`;
  writeFileSync(preload, pretend);
  return run(process.execPath, ['--require', preload], 'plan');
}

for (const version of ['8.17.0', '20.20.2', '23.11.1']) {
  test(`Node.js ${version} is told in one sentence what packdown needs`, () => {
    assert.deepEqual(runAs(version), refusal(version));
  });
}

for (const version of ['24.0.0', '26.1.0', '100.0.0']) {
  test(`Node.js ${version} is let through`, () => {
    assert.deepEqual(runAs(version), { status: 3, stdout: '["plan"]\n', stderr: '' });
  });
}

const olderNode = ['/usr/bin/node', '/usr/local/bin/node']
  .filter(existsSync)
  .map((path) => ({ path, version: spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1) }))
  .find(({ version }) => Number.parseInt(version, 10) < 24);

test('an older Node.js on this machine is told so too', {
  skip: olderNode === undefined && 'there is no older Node.js',
}, () => {
  assert.ok(olderNode);
  assert.deepEqual(run(olderNode.path, [], 'plan'), refusal(olderNode.version));
});

test('arguments and the exit code pass through', () => {
  assert.deepEqual(run(process.execPath, [], 'plan', '--scale', 'Deployment/a/b=1'), {
    status: 3,
    stdout: '["plan","--scale","Deployment/a/b=1"]\n',
    stderr: '',
  });
});

test('the launcher asks for what the package asks for', () => {
  assert.equal(PACKAGE.engines.node, '>=24');
  for (const path of Object.values(PACKAGE.bin)) assert.equal(path, 'bin/packdown.cjs');
});
