import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { CodedError, messageOf } from '../domain/coded-error.ts';
import { expiryOf, type TlsSettings } from './tls-settings.ts';

/**
 * Milliseconds between a change and reading it, so that certificate and key, written one after the other, are seen
 * together.
 */
const SETTLE = 200;

/**
 * Milliseconds until the files are read although nothing seemed to change: watching misses what a symlink leads to
 * elsewhere.
 */
const POLL = 10_000;

export interface TlsReloadOptions {
  /** The paths that `read` reads. */
  readonly files: readonly string[];
  read(): Promise<TlsSettings>;
  /** What is in use already. */
  readonly current: TlsSettings;
  /** Puts settings to use, or throws CodedError and leaves the ones before in use. */
  use(settings: TlsSettings): void;
  readonly log: Logger;
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Puts the files to use whenever they change, be they overwritten, renamed, or swapped by a symlink as the kubelet does
 * it. What cannot be used (half-written, or a key without its certificate yet) is logged and tried again, and what was
 * in use stays so.
 */
export function reloadTls(options: TlsReloadOptions): { close(): Promise<void> } {
  const { files, log, delay } = options;
  const closing = new AbortController();
  let change = new AbortController();
  const onChange = () => change.abort();
  const watchers = [...new Set(files.map(dirname))].flatMap((folder) => watchFolder(folder, onChange, log));

  async function run(): Promise<void> {
    const check = checker(options);
    for (;;) {
      await delay(SETTLE, closing.signal);
      if (closing.signal.aborted) return;
      change = new AbortController();
      await check();
      await delay(POLL, change.signal);
    }
  }

  const ended = run();
  return {
    async close() {
      for (const watcher of watchers) watcher.close();
      closing.abort();
      change.abort();
      await ended;
    },
  };
}

/** Compares the files with what is in use; a problem is logged once, until it is another one or gone. */
function checker({ read, current, use, log }: TlsReloadOptions): () => Promise<void> {
  let inUse = current;
  let known: string | null = null;
  return async () => {
    try {
      const found = await read();
      if (!isDeepStrictEqual(found, inUse)) {
        use(found);
        inUse = found;
        log.info({ notAfter: expiryOf(found) }, 'the TLS files have changed and are in use');
      }
      known = null;
    } catch (error) {
      const { code, message } = problemOf(error);
      if (message !== known) {
        log.warn({ code, problem: message }, 'the TLS files cannot be used; what was read before stays in use');
      }
      known = message;
    }
  };
}

function watchFolder(folder: string, onChange: () => void, log: Logger): readonly FSWatcher[] {
  const fallBack = (error: unknown) =>
    log.warn(
      { code: 'CannotWatch', folder, problem: problemOf(error).message },
      `changes of the TLS files are noticed every ${POLL / 1000} s only`,
    );
  try {
    const watcher = watch(folder, onChange);
    watcher.on('error', fallBack);
    return [watcher];
  } catch (error) {
    fallBack(error);
    return [];
  }
}

function problemOf(error: unknown): { code: string; message: string } {
  if (error instanceof CodedError) return error;
  return { code: 'InternalError', message: messageOf(error) };
}
