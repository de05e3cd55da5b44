import type { Logger } from 'pino';
import { systemClock } from '../cluster/live/clock.ts';
import type { KubeApi } from '../cluster/live/kube-api.ts';
import { TlsSecret } from '../cluster/live/tls-secret.ts';
import type { HttpsServer } from '../http/server.ts';
import { shareCertificate } from '../http/shared-certificate.ts';
import { reloadTls } from '../http/tls-reload.ts';
import { expiryOf, type TlsSettings } from '../http/tls-settings.ts';
import type { TlsSource } from './tls-flags.ts';

export interface KeptTlsOptions {
  readonly source: TlsSource;
  /** What the server presents already. */
  readonly tls: TlsSettings;
  readonly server: Pick<HttpsServer, 'useTls'>;
  /** The cluster that has the Secret; null where there is neither. */
  readonly api: KubeApi | null;
  readonly log: Logger;
  readonly now: () => number;
}

export interface KeptTls {
  /** Why callers cannot trust the server yet, null when they can. */
  unready(): string | null;
  /** When what the server presents stops being valid. */
  expiry(): Date;
  close(): Promise<void>;
}

/** Keeps what the server presents up to date: from files that change, and from a Secret that replicas share. */
export function keepTls({ source, tls, server, api, log, now }: KeptTlsOptions): KeptTls {
  const { secret, service, files } = source;
  const { delay } = systemClock;
  let current = tls;
  const use = (next: TlsSettings) => {
    server.useTls(next);
    current = next;
  };
  const parts: { close(): Promise<void> }[] = [];
  if (files.length > 0) {
    // Where a Secret holds the certificate, only the client CA comes from a file.
    const useFiles = (found: TlsSettings) => use(secret === null ? found : { ...found, tls: current.tls });
    parts.push(reloadTls({ files, read: source.read, current: tls, use: useFiles, log, delay }));
  }
  const close = async () => void (await Promise.all(parts.map((part) => part.close())));
  const expiry = () => expiryOf(current);
  if (secret === null || api === null) return { unready: () => null, expiry, close };
  const sharing = shareCertificate({
    store: new TlsSecret(api, secret),
    service,
    use: (pair) => use({ ...current, tls: pair }),
    log,
    now,
    delay,
  });
  parts.push(sharing);
  return {
    unready: () =>
      sharing.isShared() ? null : `the certificate of Secret ${secret.namespace}/${secret.name} is not in use yet`,
    expiry,
    close,
  };
}
