import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { Agent, fetch } from 'undici';
import { adapters } from '../src/workloads/registry.ts';

const ROOT = join(import.meta.dirname, '..');
const README = join(ROOT, 'README.md');
/** With UPDATE_README=1 the README's outputs are written anew instead of compared. */
const UPDATE = process.env.UPDATE_README === '1';

let server: ChildProcess;
let ports: ReadonlyMap<string, string>;
// What curl's -k does: the server has made its certificate itself.
const insecure = new Agent({ connect: { rejectUnauthorized: false } });

before(async () => {
  const args = ['src/main.ts', 'serve', '--host', '127.0.0.1', '--port', '0', '--ops-port', '0'];
  server = spawn(process.execPath, [...args, '--fleet', 'manifests/examples/fleet.yaml'], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  assert.ok(server.stderr);
  for await (const line of createInterface({ input: server.stderr })) {
    const { msg, port, opsPort } = JSON.parse(line);
    if (msg !== 'serving') continue;
    ports = new Map([
      ['https://localhost:8443', `https://127.0.0.1:${port}`],
      ['http://localhost:8080', `http://127.0.0.1:${opsPort}`],
    ]);
    break;
  }
  server.stderr.resume();
});

after(async () => {
  await insecure.close();
  if (server.exitCode !== null) return;
  server.kill();
  await once(server, 'exit');
});

test('every command of the README prints what the README says', async () => {
  const text = readFileSync(README, 'utf8');
  const parts = text.split(/(```console\n[\s\S]*?```)/);
  const now: string[] = [];
  for (const part of parts) now.push(part.startsWith('```console\n') ? await runBlock(part) : part);
  finish(now.join(''), text);
});

test('the table of rules in the README is what packdown rules prints', async () => {
  holdsTable(await output('npm run -s packdown -- rules -o markdown'));
});

test('the README lists every kind, what decides which of its replicas go, and where it is guarded', () => {
  const rows = adapters.map(
    ({ kind, group, steeredBy, scalable }) =>
      `| ${kind} | ${group} | ${steeredBy} | ${scalable ? 'object and `/scale`' : 'object'} |`,
  );
  holdsTable(['| kind | group | steered by | guarded |', '|---|---|---|---|', ...rows, ''].join('\n'));
});

/** The table of the README that begins with the same line is this one. */
function holdsTable(table: string): void {
  const text = readFileSync(README, 'utf8');
  const [head = ''] = table.split('\n');
  const [above, below] = text.split(`${head}\n`);
  assert.ok(above !== undefined && below !== undefined, `a table is missing: ${head}`);
  finish(above + table + below.slice(below.indexOf('\n\n') + 1), text);
}

function finish(now: string, text: string): void {
  if (UPDATE) writeFileSync(README, now);
  else assert.equal(now, text);
}

async function runBlock(block: string): Promise<string> {
  const commands = block.split('\n').filter((line) => line.startsWith('$ '));
  const lines: string[] = [];
  for (const command of commands) lines.push(command, (await output(command.slice(2))).trimEnd());
  return `\`\`\`console\n${lines.join('\n')}\n\`\`\``;
}

async function output(command: string): Promise<string> {
  const packdown = /^npm run -s packdown -- (.*)$/.exec(command);
  if (packdown?.[1] !== undefined) {
    const { stdout } = spawnSync(process.execPath, ['src/main.ts', ...packdown[1].split(' ')], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    return stdout;
  }
  const url = /https?:\/\/[^ ']+/.exec(command)?.[0];
  const file = /-d @(\S+)/.exec(command)?.[1];
  assert.ok(
    command.startsWith('curl -s') && url !== undefined,
    `the README has a command that this test cannot run: ${command}`,
  );
  const [origin] = [...ports.keys()].filter((known) => url.startsWith(known));
  assert.ok(origin !== undefined);
  const target = `${ports.get(origin)}${url.slice(origin.length)}`;
  const headers = { 'content-type': 'application/json' };
  const request = file === undefined ? {} : { method: 'POST', headers, body: readFileSync(join(ROOT, file), 'utf8') };
  const response = await fetch(target, { dispatcher: insecure, ...request });
  // The leader publishes a target set ten seconds after it has started.
  return (await response.text()).replace(/"targetSet":"[0-9a-f]{12}"/, '"targetSet":null');
}
