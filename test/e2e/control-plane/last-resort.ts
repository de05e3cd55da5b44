import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Ends processes and removes folders when it is told to, and also when this process dies in whatever way. */
export interface LastResort {
  /** Registers a process group (its leader's pid) to be killed. */
  process(pid: number): void;
  /** Takes a process back that ended by itself, so that its pid is not used again. */
  ended(pid: number): void;
  /** Registers a folder to be removed after the processes are gone. */
  folder(path: string): void;
  /** Kills and removes everything registered; resolves when that is done. May be called more than once. */
  end(): Promise<void>;
}

/** Starts the watcher: a shell that lives in its own session and acts when the pipe from this process closes. */
export function startLastResort(): LastResort {
  const script = fileURLToPath(new URL('last-resort.sh', import.meta.url));
  const shell = spawn('sh', [script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const exited = once(shell, 'exit');
  shell.unref();
  const tell = (line: string) => {
    if (shell.stdin.writable) shell.stdin.write(`${line}\n`);
  };
  return {
    process: (pid) => tell(`process ${pid}`),
    ended: (pid) => tell(`ended ${pid}`),
    folder: (path) => tell(`folder ${path}`),
    end: async () => {
      shell.ref();
      shell.stdin.end();
      await exited;
    },
  };
}
