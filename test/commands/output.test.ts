import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { PATIENCE, start } from './packdown-process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const REVIEW = ['check', '--review', 'manifests/examples/reviews/chat-without-decode.json'];

describe('a command whose output nobody takes', { timeout: PATIENCE }, () => {
  for (const [argv, expected] of [
    [['rules'], 0],
    [REVIEW, 1],
  ] as const) {
    it(`ends as it would otherwise, without a word, where the pipe is closed: packdown ${argv[0]}`, async (t) => {
      const { child, ended } = start(t, argv);
      child.stdout.destroy();
      const [said, [code]] = await Promise.all([text(child.stderr), ended]);
      assert.deepEqual([code, said], [expected, '']);
    });
  }

  it('ends with 2 and says why where the disk is full: 1 would mean that a change is denied', (t) => {
    if (!existsSync('/dev/full')) return t.skip('there is no /dev/full');
    const full = openSync('/dev/full', 'w');
    t.after(() => closeSync(full));
    const { status, stderr } = spawnSync(process.execPath, ['src/main.ts', ...REVIEW], {
      cwd: ROOT,
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    assert.deepEqual(
      [status, stderr],
      [2, 'packdown: cannot write to stdout: ENOSPC: no space left on device, write\n'],
    );
  });

  for (const [what, argv, expected] of [
    ['wrong usage', ['plan', '--bogus'], 2],
    ['a refusal', REVIEW, 1],
  ] as const) {
    it(`ends as it would otherwise where ${what} can be told nobody`, (t) => {
      if (!existsSync('/dev/full')) return t.skip('there is no /dev/full');
      const full = openSync('/dev/full', 'w');
      t.after(() => closeSync(full));
      const stdio = ['ignore', 'ignore', full] as const;
      assert.equal(
        spawnSync(process.execPath, ['src/main.ts', ...argv], { cwd: ROOT, stdio: [...stdio] }).status,
        expected,
      );
    });
  }

  it('goes on where its log cannot be written', (t) => {
    if (!existsSync('/dev/full')) return t.skip('there is no /dev/full');
    const full = openSync('/dev/full', 'w');
    t.after(() => closeSync(full));
    const module = JSON.stringify(import.meta.resolve('../../src/observability/log.ts'));
    const program = `const { createLog } = await import(${module}); (await createLog('info')).info('lost'); console.log('on')`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', full],
      encoding: 'utf8',
    });
    assert.equal(stdout, 'on\n');
  });
});
