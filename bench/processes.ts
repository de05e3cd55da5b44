import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runCerts } from '../src/commands/certs.ts';

const ROOT = join(import.meta.dirname, '..');
const children: ChildProcess[] = [];

export interface StartedServer {
  readonly pid: number;
  readonly port: number;
  readonly opsPort: number;
}

export interface StartOptions {
  /** This Node by default. */
  readonly program?: string;
  /** The only core that it may run on; any by default. */
  readonly core?: number;
}

/** Starts a server of this checkout, and gives the ports that it says it serves on. */
export async function startServer(args: readonly string[], options: StartOptions = {}): Promise<StartedServer> {
  const child = spawn(...commandOf(args, options), { cwd: ROOT, stdio: ['ignore', 'inherit', 'pipe'] });
  children.push(child);
  for await (const line of createInterface({ input: child.stderr })) {
    const { msg, port, opsPort } = JSON.parse(line);
    if (msg !== 'serving') continue;
    child.stderr.pipe(process.stderr, { end: false });
    return { pid: child.pid ?? 0, port, opsPort };
  }
  throw new Error(`${args[0]} ended before it served`);
}

/** Starts packdown on free ports of 127.0.0.1; `args` are the rest of its command line, and what Node itself is given. */
export function startPackdown(
  args: readonly string[],
  { node = ['src/main.ts'], ...options }: StartOptions & { readonly node?: readonly string[] } = {},
): Promise<StartedServer> {
  const ports = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0'];
  return startServer([...node, 'serve', ...ports, ...args], options);
}

/** Starts a program that is asked over its standard input and answers over its standard output. */
export function startPiped(args: readonly string[], options: StartOptions) {
  const child = spawn(...commandOf(args, options), { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

function commandOf(args: readonly string[], { program = process.execPath, core }: StartOptions) {
  const pinned: [string, string[]] = ['taskset', ['-c', String(core), program, ...args]];
  return core === undefined ? ([program, [...args]] satisfies [string, string[]]) : pinned;
}

/** What a benchmark works with: a folder for its files, and the certificate of its servers. */
export interface Workplace {
  readonly folder: string;
  /** The flags that name the certificate and its key. */
  readonly tls: readonly string[];
  /** The path of the CA's PEM. */
  readonly ca: string;
}

/** Does the work, ends the servers that it has started, and leaves no file behind. */
export async function withServers<T>(work: (workplace: Workplace) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'packdown-bench-'));
  try {
    const io = { stdout: () => undefined, now: new Date() };
    await runCerts({ out: folder, service: 'packdown.packdown-system.svc' }, io);
    const tls = ['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')];
    return await work({ folder, tls, ca: join(folder, 'ca.crt') });
  } finally {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Who calls others before who is called, so that nobody complains of it. */
async function stopAll(): Promise<void> {
  for (const child of children.splice(0).reverse()) {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

/** Resident memory of a process in MB: now, and the most it ever had. */
export function residentMemory(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string) => Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

/** Seconds of CPU time that the threads of a process have had, those that have ended left out. */
export function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number.parseInt(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'), 10),
  );
  return nanoseconds.reduce((sum, time) => sum + time, 0) / 1e9;
}
