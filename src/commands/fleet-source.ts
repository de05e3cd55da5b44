import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { EmbeddedFleet } from '../cluster/embedded/embedded-fleet.ts';
import { loadFleet } from '../cluster/embedded/load-fleet.ts';
import { MemoryLows } from '../cluster/embedded/memory-lows.ts';
import { MemoryTargetSet } from '../cluster/embedded/memory-target-set.ts';
import { systemClock } from '../cluster/live/clock.ts';
import type { DocumentSurroundings } from '../cluster/live/config-map-document.ts';
import { KubeApi } from '../cluster/live/kube-api.ts';
import { type ElectionTiming, LeaderElection } from '../cluster/live/leader-election.ts';
import { liveBinder } from '../cluster/live/live-binder.ts';
import { LiveEvents } from '../cluster/live/live-events.ts';
import { LiveFleet, type ResourceStatus } from '../cluster/live/live-fleet.ts';
import { LiveLows } from '../cluster/live/live-lows.ts';
import { LiveTargetSet } from '../cluster/live/live-target-set.ts';
import type { Log } from '../cluster/live/log.ts';
import { CodedError } from '../domain/coded-error.ts';
import type { Binder } from '../domain/fleet/binder.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { Lows, LowsStore } from '../domain/fleet/lows.ts';
import { isSilent } from '../domain/fleet/silence.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { TargetSet, TargetSetStore } from '../domain/fleet/target-set.ts';
import type { EventSink } from '../domain/fleet/workload-event.ts';
import type { Check } from '../http/ops-server.ts';
import { adapters } from '../workloads/registry.ts';
import type { CommandIo } from './command.ts';
import { readTextFile } from './files.ts';
import { printable } from './printable.ts';
import { type Arguments, readDuration } from './usage.ts';

export const FLEET_FLAGS = {
  fleet: {
    type: 'string',
    value: 'F.yaml',
    help: 'the fleet in a file (- is stdin), as kubectl get -o yaml or -o json prints it',
  },
  kubeconfig: { type: 'string', value: 'F', help: 'the fleet of the cluster that this kubeconfig names' },
  'in-cluster': { type: 'boolean', help: 'the fleet of the cluster in which this pod runs' },
  'system-namespace': {
    type: 'string',
    value: 'NAMESPACE',
    help: 'where the Lease and the ConfigMaps of packdown are (default: that of the pod, or packdown-system)',
  },
} as const;

/** For a command that goes on watching. */
export const WATCH_FLAG = {
  'watch-silence': {
    type: 'string',
    value: 'DURATION',
    help: 'a watch that says nothing for so long is opened anew (default 120s)',
  },
} as const;

/** A fleet to read, and how to begin and end with it. */
export interface FleetSource {
  readonly fleet: Fleet;
  /** The cluster that it is the fleet of; null for a file. */
  readonly api: KubeApi | null;
  readonly targetSet: TargetSetStore;
  readonly lows: LowsStore;
  readonly binder: Binder;
  /** Where Events on workloads go; null for a file. */
  readonly events: EventSink | null;
  /** What it is, for people: a file or a cluster. */
  readonly description: string;
  /** Whether everything has been read once. */
  isSynced(): boolean;
  /** The plurals of what the cluster serves and cannot list: nothing is known of them. */
  unread(): readonly string[];
  /** Its parts, and how far each has been read. */
  checks(): readonly Check[];
  /** Resolves when everything that can be has been read once; rejects with CodedError, e.g. `ClusterUnreachable`. */
  start(): Promise<void>;
  /** This replica among those that serve the same fleet; it takes part once it is run. */
  election(timing: ElectionTiming): Leadership;
  close(): Promise<void>;
}

/** Whether this replica does what only one may do. */
export interface Leadership {
  isLeader(): boolean;
  /** Takes part, while it hears of the fleet, until the signal aborts, and then makes way for another. */
  run(signal: AbortSignal): Promise<void>;
}

/** Nobody else serves a fleet in memory. */
const ALONE: Leadership = { isLeader: () => true, run: async () => undefined };
/** Where manifests/base installs packdown: its Lease, its target set and the lows are there. */
const SYSTEM_NAMESPACE = 'packdown-system';

/** Those of the flags that name the fleet: one is to be chosen. */
export function fleetsNamed(args: Arguments): readonly string[] {
  return args.given(['fleet', 'kubeconfig', 'in-cluster']);
}

/** Opens the fleet that the flags name. Throws CodedError `WrongUsage` unless exactly one is named. */
export async function openFleet(args: Arguments, now: () => number, log: Log): Promise<FleetSource> {
  const named = fleetsNamed(args);
  const file = named.includes('fleet') ? args.text('fleet') : undefined;
  const kubeconfig = named.includes('kubeconfig') ? args.text('kubeconfig') : undefined;
  const inCluster = named.includes('in-cluster');
  if (named.length !== 1)
    throw new CodedError('WrongUsage', 'name one fleet: --fleet F.yaml, --kubeconfig F or --in-cluster');
  const watchSilence = readSilence(args.text('watch-silence') ?? '120s');
  if (file !== undefined) return embedded(await readTextFile(file), file, now);
  const api = await (kubeconfig === undefined ? KubeApi.inCluster() : KubeApi.fromKubeconfig(kubeconfig));
  const namespace = args.text('system-namespace') ?? (inCluster ? api.namespace : null) ?? SYSTEM_NAMESPACE;
  return live({ api, namespace, clock: systemClock, log, watchSilence }, kubeconfig ?? 'this cluster');
}

/** Shorter ones would have the apiserver asked for every watch over and over. */
function readSilence(text: string): number {
  const silence = readDuration('watch-silence', text);
  if (silence >= 1000) return silence;
  throw new CodedError('WrongUsage', `--watch-silence ${text} is too short: give 1s or more`);
}

function live(surroundings: DocumentSurroundings, description: string): FleetSource {
  const fleet = new LiveFleet({ ...surroundings, adapters });
  const targetSet = new LiveTargetSet(surroundings);
  const lows = new LiveLows(surroundings);
  const documents = [targetSet.document, lows.document];
  const events = new LiveEvents({ ...surroundings, instance: hostname() });
  const stopped = new AbortController();
  let watching: readonly Promise<void>[] = [];
  return {
    fleet,
    api: surroundings.api,
    targetSet,
    lows,
    binder: liveBinder(surroundings.api),
    events,
    description,
    isSynced: () => fleet.synced,
    unread: () => fleet.resources().flatMap(({ name, knowledge }) => (knowledge === 'unavailable' ? [name] : [])),
    checks: () => fleet.resources().map(checkOf),
    async start() {
      watching = documents.map((document) => document.run(stopped.signal));
      // Without them planning starts cold; that is no reason to fail.
      const looks = documents.map((document) => document.firstLook.catch(() => undefined));
      await Promise.all([fleet.start(), ...looks]);
    },
    election: (timing) =>
      new LeaderElection({
        ...surroundings,
        timing,
        // It would lead and do nothing: duties pause while nothing is heard of the fleet.
        isFit: () => !isSilent(fleet.staleness()),
        identity: `${hostname()}_${randomUUID()}`,
        elapsed: () => performance.now(),
      }),
    async close() {
      stopped.abort();
      await Promise.all([fleet.stop(), events.close(), ...watching]);
    },
  };
}

/** Reads the fleet that the flags name once, for a command that answers and ends. */
export async function withSnapshot<Answer>(
  args: Arguments,
  io: CommandIo,
  answer: (snapshot: Snapshot, targetSet: TargetSet | null, lows: Lows | null) => Answer | Promise<Answer>,
): Promise<Answer> {
  const log: Log = {
    info: () => undefined,
    warn: (details, message) => io.stderr(printable(`packdown: ${Object.values(details).join('/')}: ${message}`)),
  };
  const source = await openFleet(args, io.now, log);
  try {
    await source.start();
    return await answer(source.fleet.snapshot(), source.targetSet.current(), source.lows.current());
  } finally {
    await source.close();
  }
}

function embedded(text: string, file: string, now: () => number): FleetSource {
  const fleet = new EmbeddedFleet(loadFleet(text, file), now);
  return {
    fleet,
    api: null,
    targetSet: new MemoryTargetSet(),
    lows: new MemoryLows(),
    binder: fleet,
    events: null,
    description: file,
    isSynced: () => true,
    unread: () => [],
    checks: () => [{ name: 'fleet', ok: true, says: 'ok' }],
    start: async () => undefined,
    election: () => ALONE,
    close: async () => undefined,
  };
}

function checkOf({ name, knowledge, silentFor }: ResourceStatus): Check {
  const heard = `nothing new for ${Math.round((silentFor ?? 0) / 1000)} s`;
  switch (knowledge) {
    case 'unknown':
      return { name, ok: false, says: 'not listed yet' };
    case 'unavailable':
      return {
        name,
        ok: true,
        says: 'ok, not listed yet: the apiserver cannot list them, or say whether it serves them',
      };
    case 'absent':
      return { name, ok: true, says: 'ok, not served by the apiserver' };
    case 'listed':
      return { name, ok: true, says: `ok, ${heard}` };
    default:
      return knowledge satisfies never;
  }
}
