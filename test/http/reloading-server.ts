import { EventEmitter, once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { TLS_FLAGS, tlsSource } from '../../src/commands/tls-flags.ts';
import { readArguments } from '../../src/commands/usage.ts';
import { startServer } from '../../src/http/server.ts';
import { reloadTls, type TlsReloadOptions } from '../../src/http/tls-reload.ts';
import { type Call, call, type Reply } from './http-client.ts';
import { echo, recordingLog } from './test-server.ts';

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'packdown-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The two files of a Secret of type kubernetes.io/tls. */
export function writePair(folder: string, { cert, key }: Pair): void {
  writeFileSync(join(folder, 'tls.crt'), cert);
  writeFileSync(join(folder, 'tls.key'), key);
}

/**
 * Puts a Secret's next version into its mount as the kubelet does: a new folder, and a symlink renamed to lead there.
 */
export function mountSecret(mount: string, version: string, pair: Pair): void {
  mkdirSync(join(mount, version));
  writePair(join(mount, version), pair);
  symlinkSync(version, join(mount, '..data_tmp'));
  renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
}

type Delay = NonNullable<TlsReloadOptions['delay']>;

/**
 * Polls come when the test says so; `settle` is how long a change waits for others: not at all unless told otherwise.
 */
export function manualPolls(settle: () => Promise<void> = async () => undefined) {
  const events = new EventEmitter();
  let wake: (() => void) | null = null;
  const delay: Delay = async (milliseconds, signal) => {
    if (milliseconds < 1_000) return settle();
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = () => {
      signal.removeEventListener('abort', end);
      wake = null;
      resolve();
    };
    signal.addEventListener('abort', end);
    wake = end;
    events.emit('waiting');
    await promise;
  };
  return {
    delay,
    /** Has the files read once more, from now on, and resolves when they have been. */
    async poll(): Promise<void> {
      if (wake === null) await once(events, 'waiting');
      const read = once(events, 'waiting');
      wake?.();
      await read;
    },
  };
}

/** A server on tls.crt and tls.key of a folder, as `packdown serve` reads and reloads them. */
export async function serveReloading(
  t: TestContext,
  folder: string,
  { clientCa = null, delay = manualPolls().delay }: { clientCa?: string | null; delay?: Delay } = {},
) {
  const argv = ['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')];
  if (clientCa !== null) argv.push('--client-ca', clientCa);
  const source = await tlsSource(readArguments(argv, TLS_FLAGS, {}), Date.now());
  const current = await source.read();
  const { log, logged, nextLine } = recordingLog();
  const server = await startServer({ ...current, host: '127.0.0.1', port: 0, log, routes: [echo] });
  t.after(() => server.close(0));
  const reload = reloadTls({ ...source, current, use: server.useTls, log, delay });
  t.after(() => reload.close());
  return {
    port: server.port,
    /** Every line logged since the last one that was asked for. */
    logged,
    /**
     * Waits for a line with this code or this message, and gives all up to it since the last one that was asked for.
     */
    async told(what: string): Promise<readonly Record<string, unknown>[]> {
      for (;;) {
        const index = logged.findIndex(({ code, msg }) => code === what || msg === what);
        if (index >= 0) return logged.splice(0, index + 1);
        await nextLine();
      }
    },
    /** A POST over a connection of its own, unless an agent is given, verified by `ca`. */
    call: (ca: string, options: Call = {}): Promise<Reply> =>
      call({
        port: server.port,
        ca,
        method: 'POST',
        path: '/validate',
        headers: { 'content-type': 'application/json' },
        body: '{}',
        ...options,
      }),
  };
}

export const IN_USE = 'the TLS files have changed and are in use';
