import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROOT } from './documents/example-server.ts';

/** A folder with the programs that stand in for those of the machine. */
let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'packdown-ci-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, script: string): void {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const onPath = () => ({ ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` });

describe('.ci/run', () => {
  it('runs the tests and the end-to-end tests, and neither may skip what this machine lacks', () => {
    const calls = join(folder, 'calls');
    put('npm', `echo "$E2E_REQUIRED $*" >> ${calls}`);
    const { status, stderr } = spawnSync(join(ROOT, '.ci', 'run'), {
      env: { ...onPath(), E2E_REQUIRED: '' },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    const [, ...tests] = readFileSync(calls, 'utf8').trim().split('\n');
    assert.deepEqual(tests, ['1 test', '1 run test:e2e']);
  });
});

describe('tests that render manifests', () => {
  for (const [required, outcome, status] of [
    ['', 'are skipped where there is no kubectl', 0],
    ['1', 'fail there where nothing may be skipped', 1],
  ] as const) {
    it(`${outcome}`, () => {
      const empty = mkdtempSync(join(folder, 'no-programs-'));
      symlinkSync(process.execPath, join(empty, 'node'));
      const env = { PATH: empty, E2E_REQUIRED: required };
      const run = spawnSync('node', ['--test', 'test/manifests/overlays.test.ts'], {
        cwd: ROOT,
        env,
        encoding: 'utf8',
      });
      assert.equal(run.status, status, run.stdout);
      assert.match(run.stdout, /kubectl is not installed/);
    });
  }
});

describe('npm run test:e2e', () => {
  for (const status of [0, 7]) {
    it(`leaves no file behind, and ends with the ${status} of its tests`, () => {
      const scratch = mkdtempSync(join(folder, 'scratch-'));
      put('node', `test -f "$E2E_USED_RIGHTS" && exit ${status}`);
      const script = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts['test:e2e'];
      const run = spawnSync('sh', ['-c', script], { cwd: ROOT, env: { ...onPath(), TMPDIR: scratch } });
      assert.equal(run.status, status);
      assert.deepEqual(readdirSync(scratch), []);
    });
  }
});
