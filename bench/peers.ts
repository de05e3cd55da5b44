/** The servers in Go that packdown is measured beside, and the load generator: bench/peers, built with Go 1.26 or later. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startPiped } from './processes.ts';

const SOURCE = join(import.meta.dirname, 'peers');

/** The programs by name, as absolute paths. The first build takes some minutes, later ones use Go's own cache. */
export function buildPeers(): { readonly webhook: string; readonly extender: string; readonly load: string } {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'packdown-bench');
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
  const { status, error } = spawnSync('go', ['build', '-trimpath', '-o', folder, './webhook', './extender', './load'], {
    cwd: SOURCE,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error !== undefined) throw new Error(`go cannot be run (${error.message}): install Go 1.26 or later`);
  if (status !== 0) throw new Error(`go build in ${SOURCE} failed`);
  return { webhook: join(folder, 'webhook'), extender: join(folder, 'extender'), load: join(folder, 'load') };
}

/** One body, sent again and again for so many seconds, each connection the next one as soon as it has its answer. */
export interface Job {
  readonly port: number;
  readonly path: string;
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests per second over all connections; as many as there can be if it is left out. */
  readonly rate?: number;
}

/** What came of it; times in milliseconds. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  /** The length of the last answer's body. */
  readonly bytes: number;
}

/** Starts the load generator, on one core of its own. It ends with the servers. */
export function startLoad(program: string, ca: string, core: number): (job: Job) => Promise<LoadResult> {
  const child = startPiped(['--ca', ca], { program, core });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (job) => {
    child.stdin.write(`${JSON.stringify(job)}\n`);
    const { value, done } = await answers.next();
    if (done === true) throw new Error(`the load generator ended at ${job.path}`);
    return JSON.parse(value);
  };
}
