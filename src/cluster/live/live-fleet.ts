import type { Fleet, WriteOrder, WriteOutcome } from '../../domain/fleet/fleet.ts';
import type { CostCarrier } from '../../domain/fleet/instance.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { WorkloadAdapter } from '../../workloads/adapter.ts';
import { FleetIndex } from '../fleet-index.ts';
import { beforeDeadline, type Clock } from './clock.ts';
import { CostWriter } from './cost-writer.ts';
import { type Carriers, LiveCarriers } from './live-carriers.ts';
import {
  autoscalers,
  autoscalingPolicies,
  autoscalingPolicyBindings,
  instances,
  namespaces,
  nodes,
  pods,
  revisions,
  workloads,
} from './resources.ts';
import { ResourceWatch, type WatchSurroundings } from './watch-resource.ts';
import type { Knowledge, WatchedResource } from './watched-resource.ts';

export interface LiveFleetOptions extends WatchSurroundings {
  readonly adapters: readonly WorkloadAdapter[];
}

/** How far one resource is read, for probes and people. */
export interface ResourceStatus {
  readonly name: string;
  readonly knowledge: Knowledge;
  /** Milliseconds since the apiserver last told anything of it; null before the first list. */
  readonly silentFor: number | null;
}

/** A cluster's fleet: read by watching the apiserver, written by JSON patch. */
export class LiveFleet implements Fleet {
  readonly #clock: Clock;
  readonly #index = new FleetIndex();
  readonly #carriers: readonly Carriers[];
  readonly #writer: CostWriter;
  readonly #watches: readonly Watch[];
  readonly #stopped = new AbortController();
  #runs: readonly Promise<void>[] = [];

  constructor({ adapters, ...surroundings }: LiveFleetOptions) {
    const { api, clock } = surroundings;
    this.#clock = clock;
    const carriersOfPods = new LiveCarriers(pods(this.#index));
    const carriersByKind = new Map(
      adapters
        .flatMap((adapter) => adapter.instances ?? [])
        .map((reader) => [reader.kind, new LiveCarriers(instances(reader, this.#index, api))]),
    );
    this.#carriers = [carriersOfPods, ...carriersByKind.values()];
    const carriersOf = ({ place }: CostCarrier) =>
      place === undefined ? carriersOfPods : carriersByKind.get(place.kind);
    this.#writer = new CostWriter({ ...surroundings, carriersOf });
    const watch = <T>(resource: WatchedResource<T>) => new ResourceWatch(resource, surroundings);
    this.#watches = [
      watch(nodes(this.#index)),
      watch(namespaces(this.#index)),
      watch(carriersOfPods),
      watch(autoscalers(this.#index, api)),
      watch(revisions(this.#index)),
      watch(autoscalingPolicies(this.#index, api)),
      watch(autoscalingPolicyBindings(this.#index, api)),
      ...adapters.map((adapter) => watch(workloads(adapter, this.#index, api))),
      ...[...carriersByKind.values()].map((carriers) => watch(carriers)),
    ];
  }

  /**
   * Starts watching and resolves when everything has been listed once. Rejects with ClusterUnreachable or ApiError when
   * a first list fails; the watches keep trying all the same, so a server may go on and look at `synced`. Once only.
   */
  async start(): Promise<void> {
    this.#runs = this.#watches.map((watch) => watch.run(this.#stopped.signal));
    await Promise.all(this.#watches.map(({ firstList }) => firstList));
  }

  /** Ends the watches; the snapshot stays as it is. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#runs);
  }

  /**
   * Whether everything has been listed at least once. A kind of its own that the apiserver cannot list does not count:
   * that may be somebody's broken CRD or aggregated API, and packdown is of use without it.
   */
  get synced(): boolean {
    return this.#watches.every(({ knowledge }) => knowledge !== 'unknown');
  }

  /**
   * Every watch hears a bookmark about once a minute. What could not be listed, or was given up, counts no more here than
   * for `synced`.
   */
  staleness(): number | null {
    const known = this.resources().filter(({ knowledge }) => knowledge !== 'unavailable');
    const silences = known.map(({ silentFor }) => silentFor);
    return silences.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)), 0);
  }

  /** Every resource that is watched. */
  resources(): readonly ResourceStatus[] {
    const now = this.#clock.now();
    return this.#watches.map(({ name, knowledge, heardAt }) => ({
      name,
      knowledge,
      silentFor: heardAt === null ? null : now - heardAt,
    }));
  }

  snapshot(): Snapshot {
    return this.#index;
  }

  /**
   * Resolves when our own watch has shown what was written, which is evidence that controllers see it too, or at the
   * deadline. The snapshot has it as soon as the apiserver has answered. After a write that failed or was refused no
   * other is sent.
   */
  async write(writes: WriteOrder, deadline: number): Promise<readonly WriteOutcome[]> {
    return beforeDeadline(this.#clock, deadline, async (signal) => {
      const outcomes = await this.#writer.send(writes, deadline, signal);
      const uids = writes.flat().map(({ carrier }) => carrier.uid);
      await Promise.all(this.#carriers.map((carriers) => carriers.seen(uids, signal)));
      return outcomes;
    });
  }
}

type Watch = Pick<ResourceWatch<unknown>, 'run' | 'firstList' | 'name' | 'knowledge' | 'heardAt'>;
