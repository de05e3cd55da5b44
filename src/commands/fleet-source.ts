import { EmbeddedFleet } from '../cluster/embedded/embedded-fleet.ts';
import { loadFleet } from '../cluster/embedded/load-fleet.ts';
import { KubeApi } from '../cluster/live/kube-api.ts';
import { LiveFleet } from '../cluster/live/live-fleet.ts';
import type { Log } from '../cluster/live/log.ts';
import { CodedError } from '../domain/coded-error.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { adapters } from '../workloads/registry.ts';
import type { CommandIo } from './command.ts';
import { readTextFile } from './files.ts';
import type { Arguments } from './usage.ts';

export const FLEET_FLAGS = {
  fleet: { type: 'string' },
  kubeconfig: { type: 'string' },
  'in-cluster': { type: 'boolean' },
} as const;

/** A fleet to read, and how to begin and end with it. */
export interface FleetSource {
  readonly fleet: Fleet;
  /** The cluster that it is the fleet of; null for a file. */
  readonly api: KubeApi | null;
  /** What it is, for people: a file or a cluster. */
  readonly description: string;
  /** Whether everything has been read once. */
  isSynced(): boolean;
  /** Resolves when everything has been read once; rejects with CodedError, e.g. `ClusterUnreachable`. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the fleet that the flags name. Throws CodedError `WrongUsage` unless exactly one is named. */
export async function openFleet(args: Arguments, now: () => number, log: Log): Promise<FleetSource> {
  const file = args.text('fleet');
  const kubeconfig = args.text('kubeconfig');
  const inCluster = args.isSet('in-cluster');
  const named = [file !== undefined, kubeconfig !== undefined, inCluster].filter(Boolean).length;
  if (named !== 1) throw new CodedError('WrongUsage', 'name one fleet: --fleet F.yaml, --kubeconfig F or --in-cluster');
  if (file !== undefined) return embedded(await readTextFile(file), file, now);
  const api = kubeconfig === undefined ? KubeApi.inCluster() : KubeApi.fromKubeconfig(kubeconfig);
  const fleet = new LiveFleet({ api, adapters, log });
  return {
    fleet,
    api,
    description: kubeconfig ?? 'this cluster',
    isSynced: () => fleet.synced,
    start: () => fleet.start(),
    close: () => fleet.stop(),
  };
}

/** Reads the fleet that the flags name once, for a command that answers and ends. */
export async function withSnapshot<Answer>(
  args: Arguments,
  io: CommandIo,
  answer: (snapshot: Snapshot) => Answer | Promise<Answer>,
): Promise<Answer> {
  const log: Log = {
    info: () => undefined,
    warn: (details, message) => io.stderr(`${message}: ${JSON.stringify(details)}`),
  };
  const source = await openFleet(args, io.now, log);
  try {
    await source.start();
    return await answer(source.fleet.snapshot());
  } finally {
    await source.close();
  }
}

function embedded(text: string, file: string, now: () => number): FleetSource {
  const fleet = new EmbeddedFleet(loadFleet(text, file), now);
  return {
    fleet,
    api: null,
    description: file,
    isSynced: () => true,
    start: async () => undefined,
    close: async () => undefined,
  };
}
