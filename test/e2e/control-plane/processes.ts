import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import type { LastResort } from './last-resort.ts';

export interface Finished {
  /** The exit code; 128 when the program was ended by a signal. */
  code: number;
  stdout: string;
  stderr: string;
}

interface RunOptions {
  lastResort: LastResort;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Written to the program's standard input. */
  input?: string;
  /** 0 (normal) to 19 (yields to everything else). */
  niceness?: number;
  /** After this many milliseconds the program is killed. */
  timeout?: number;
}

/** Runs a program to its end and collects what it wrote. Throws only if it cannot be started. */
export async function runToEnd(program: string, args: string[], options: RunOptions): Promise<Finished> {
  const { lastResort, env, cwd, input = '', niceness, timeout } = options;
  const child = spawn(program, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(env && { env }),
    ...(cwd && { cwd }),
    ...(timeout && { timeout, killSignal: 'SIGKILL' }),
  });
  track(child, lastResort, niceness);
  // A program may end without having read its input; its exit code tells the rest.
  child.stdin.on('error', () => undefined).end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    once(child, 'close'),
  ]);
  return { code: typeof code === 'number' ? code : 128, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** A program that runs until it is killed, with its output in `<folder>/<name>.log`. */
export interface RunningProcess {
  name: string;
  pid: number;
  /** Whether it ended, by a kill or by itself. */
  ended(): boolean;
  /** Resolves when it has ended. */
  exited: Promise<unknown>;
  kill(): Promise<void>;
  /** The last lines of its log. */
  logTail(): Promise<string>;
}

export function startProcess(
  name: string,
  program: string,
  args: string[],
  { folder, lastResort }: { folder: string; lastResort: LastResort },
): RunningProcess {
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], cwd: folder });
  closeSync(log);
  const pid = track(child, lastResort);
  const exited = once(child, 'exit');
  return {
    name,
    pid,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    exited,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    logTail: async () => (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-30).join('\n'),
  };
}

function track(child: ChildProcess, lastResort: LastResort, niceness?: number): number {
  const { pid } = child;
  if (pid === undefined) {
    // The thrown error stands for the event that would follow.
    child.on('error', () => undefined);
    throw new Error(`${child.spawnfile} cannot be started`);
  }
  lastResort.process(pid);
  child.once('exit', () => lastResort.ended(pid));
  if (niceness !== undefined) setPriority(pid, niceness);
  return pid;
}

/** What Linux gives to outgoing connections, unless somebody has changed it, begins here. */
const OUTGOING = 32_768;

/**
 * A TCP port that was free on the loopback interface a moment ago, and that no outgoing connection takes until its
 * program listens there: these are many while a control plane starts.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, OUTGOING);
    const server = createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
