import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..');
const children: ChildProcess[] = [];

export interface StartedServer {
  readonly pid: number;
  readonly port: number;
  readonly opsPort: number;
}

/** Starts a server of this checkout with this Node, and gives the ports that it says it serves on. */
export async function startServer(args: readonly string[]): Promise<StartedServer> {
  const child = spawn(process.execPath, [...args], { cwd: ROOT, stdio: ['ignore', 'inherit', 'pipe'] });
  children.push(child);
  for await (const line of createInterface({ input: child.stderr })) {
    const { msg, port, opsPort } = JSON.parse(line);
    if (msg !== 'serving') continue;
    child.stderr.pipe(process.stderr, { end: false });
    return { pid: child.pid ?? 0, port, opsPort };
  }
  throw new Error(`${args[0]} ended before it served`);
}

/** Ends what `startServer` started. */
export async function stopServers(): Promise<void> {
  for (const child of children.splice(0)) {
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

export function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
