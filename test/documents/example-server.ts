import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Agent, fetch } from 'undici';

export const ROOT = join(import.meta.dirname, '..', '..');

/** `npm start` on free ports: the example fleet, as it is before anybody scales it. */
export class ExampleServer {
  readonly #npm: ChildProcess;
  /** What documents call it by, and where it is. */
  readonly #origins = new Map<string, string>();
  // What curl's -k does: the server has made its certificate itself.
  readonly #insecure = new Agent({ connect: { rejectUnauthorized: false } });
  readonly #ended: Promise<unknown>;
  /** Whether there was anybody left of its process group. */
  readonly #kill = (): boolean => {
    try {
      return this.#npm.pid !== undefined && process.kill(-this.#npm.pid, 'SIGKILL');
    } catch {
      return false;
    }
  };

  private constructor(npm: ChildProcess) {
    this.#npm = npm;
    this.#ended = once(npm, 'exit');
    process.once('exit', this.#kill);
  }

  static async start(): Promise<ExampleServer> {
    const npm = spawn('npm', ['start', '--', '--port', '0', '--ops-port', '0'], {
      cwd: ROOT,
      // Beside the log, npm says what it runs.
      stdio: ['ignore', 'ignore', 'pipe'],
      // A group of its own, of which nothing may be left.
      detached: true,
    });
    const server = new ExampleServer(npm);
    const lines: string[] = [];
    for await (const line of createInterface({ input: npm.stderr })) {
      lines.push(line);
      if (!line.startsWith('{')) continue;
      const { msg, port, opsPort } = JSON.parse(line);
      if (msg !== 'serving') continue;
      npm.stderr.resume();
      server.#origins.set('https://localhost:8443', `https://127.0.0.1:${port}`);
      server.#origins.set('http://localhost:8080', `http://127.0.0.1:${opsPort}`);
      return server;
    }
    await server.close();
    throw new Error(`npm start ended before it served:\n${lines.join('\n')}`);
  }

  /** What curl prints of a URL with the default ports; a body is sent as JSON. */
  async ask(url: string, method: string, body: string | null): Promise<string> {
    const [origin] = [...this.#origins.keys()].filter((known) => url.startsWith(known));
    assert.ok(origin !== undefined, `${url} is not of npm start`);
    const target = `${this.#origins.get(origin)}${url.slice(origin.length)}`;
    const headers = { 'content-type': 'application/json' };
    const request = { method, ...(body !== null && { headers, body }) };
    return (await fetch(target, { dispatcher: this.#insecure, ...request })).text();
  }

  /** As `kill` with the process id that a newcomer sees does it: npm passes the signal on. */
  async close(): Promise<void> {
    await this.#insecure.close();
    this.#npm.kill();
    await this.#ended;
    process.off('exit', this.#kill);
    assert.equal(this.#kill(), false, 'npm start has ended, and something that it started has not');
  }
}
