import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { objectAt } from '../../src/workloads/core/json.ts';
import { type Call, call, type Reply } from '../http/http-client.ts';
import { EXAMPLE_FLEET, run, temporaryFile } from './run-in-process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Milliseconds after which a test gives up on a process. */
export const PATIENCE = 30_000;

type Environment = Readonly<Record<string, string>>;

/** Runs `node src/main.ts …`; the process is killed when the test ends, if it still lives. */
export function start(t: TestContext, argv: readonly string[], environment: Environment = {}) {
  const child = spawn(process.execPath, ['src/main.ts', ...argv], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  t.after(async () => {
    kill();
    await ended;
    process.off('exit', kill);
  });
  return { child, ended };
}

/** What `serve` does for a test: talk to it, and end it. */
export interface Served {
  readonly port: number;
  readonly opsPort: number;
  readonly ca: string;
  /** POSTs JSON over HTTPS. */
  post(path: string, body: unknown, options?: Call): Promise<Reply>;
  /** GETs from the ops port. */
  get(path: string): Promise<Reply>;
  /** Sends a signal and gives the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** Everything on stdout so far. */
  readonly stdout: () => string;
}

/** Serves the example fleet on free ports, with a certificate of `packdown certs`. */
export async function serve(t: TestContext, environment: Environment = {}): Promise<Served> {
  const folder = join(await temporaryFile(t, 'unused', ''), '..', 'certs');
  assert.equal((await run(['certs', '--out', folder])).code, 0);
  const ca = await readFile(join(folder, 'ca.crt'), 'utf8');
  const { child, ended } = start(
    t,
    [
      ...['serve', '--fleet', EXAMPLE_FLEET, '--host', '127.0.0.1', '--port', '0', '--ops-port', '0'],
      ...['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')],
    ],
    environment,
  );
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  const ports = objectAt(await lineSaying(child.stderr, 'serving'));
  child.stderr.resume();
  const [port, opsPort] = [Number(ports.port), Number(ports.opsPort)];
  return {
    port,
    opsPort,
    ca,
    stdout: () => stdout,
    post: (path, body, options) =>
      call({
        port,
        ca,
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        ...options,
      }),
    get: (path) => call({ port: opsPort, path }),
    async end(signal) {
      child.kill(signal);
      const [code] = await ended;
      return typeof code === 'number' ? code : null;
    },
  };
}

/** The first log line with this message; every line before it must be JSON too. */
export async function lineSaying(stderr: NodeJS.ReadableStream, message: string): Promise<unknown> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    lines.push(line);
    const entry: unknown = JSON.parse(line);
    if (objectAt(entry).msg === message) return entry;
  }
  return assert.fail(`packdown ended without saying ${message}:\n${lines.join('\n')}`);
}

/** Connects until nobody listens any more; fails when that takes too long. */
export async function isRefused(connect: () => Promise<unknown>, patience = PATIENCE): Promise<void> {
  const end = performance.now() + patience;
  while (performance.now() < end) {
    try {
      await connect();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : error;
      // A connection that was accepted in the last moment is closed as an idle one.
      if (code === 'ECONNREFUSED') return;
      assert.equal(code, 'ECONNRESET');
    }
  }
  assert.fail('waited in vain until connections are refused');
}
