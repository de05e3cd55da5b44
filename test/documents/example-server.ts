import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Agent, fetch } from 'undici';

export const ROOT = join(import.meta.dirname, '..', '..');

/** `npm start` on free ports: the example fleet, as it is before anybody scales it. */
export class ExampleServer {
  readonly #process: ChildProcess;
  /** What documents call it by, and where it is. */
  readonly #origins: ReadonlyMap<string, string>;
  // What curl's -k does: the server has made its certificate itself.
  readonly #insecure = new Agent({ connect: { rejectUnauthorized: false } });

  private constructor(process: ChildProcess, port: number, opsPort: number) {
    this.#process = process;
    this.#origins = new Map([
      ['https://localhost:8443', `https://127.0.0.1:${port}`],
      ['http://localhost:8080', `http://127.0.0.1:${opsPort}`],
    ]);
  }

  static async start(): Promise<ExampleServer> {
    const args = ['src/main.ts', 'serve', '--host', '127.0.0.1', '--port', '0', '--ops-port', '0'];
    const server = spawn(process.execPath, [...args, '--fleet', 'manifests/examples/fleet.yaml'], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    for await (const line of createInterface({ input: server.stderr })) {
      const { msg, port, opsPort } = JSON.parse(line);
      if (msg !== 'serving') continue;
      server.stderr.resume();
      return new ExampleServer(server, port, opsPort);
    }
    throw new Error('packdown serve ended before it served');
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

  async close(): Promise<void> {
    await this.#insecure.close();
    if (this.#process.exitCode !== null) return;
    this.#process.kill();
    await once(this.#process, 'exit');
  }
}
