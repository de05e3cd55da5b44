import type { Pace } from '../../src/background/duty.ts';
import { SlowWriter } from '../../src/background/slow-writer.ts';
import { takingBack } from '../../src/background/take-back.ts';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import type { Config } from '../../src/config/config.ts';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import { namespacedName } from '../../src/domain/fleet/namespaced-name.ts';
import { configOf } from '../admission/webhook.ts';
import { fleetBut, NOW } from '../builders/fleet.ts';

export interface StageOptions {
  readonly config?: string;
  /** What stands before the fleet in memory, to fail or to look on. */
  readonly wrap?: (fleet: Fleet) => Fleet;
}

/** A fleet in memory, with a time that passes only when somebody waits. */
export interface Stage {
  readonly index: FleetIndex;
  readonly fleet: Fleet;
  readonly config: Config;
  readonly writer: SlowWriter;
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Goes on for as long as the test does not set `leads` to false. */
  readonly pace: Pace;
  leads: boolean;
  /** The writes so far, as `time in ms: pod → cost`. */
  readonly writes: readonly string[];
  /** Called before every write. */
  beforeWrite: (count: number) => void;
}

export function stageOf(index: FleetIndex, { config = '', wrap = (fleet) => fleet }: StageOptions = {}): Stage {
  let time = NOW;
  const now = () => time;
  const wait = async (milliseconds: number) => {
    time += milliseconds;
  };
  const memory = wrap(new EmbeddedFleet(index, now));
  const writes: string[] = [];
  const fleet = fleetBut(memory, {
    write(order, deadline) {
      for (const { carrier, to } of [order].flat(2)) {
        stage.beforeWrite(writes.length);
        writes.push(`${time - NOW}: ${namespacedName(carrier)} → ${to}`);
      }
      return memory.write(order, deadline);
    },
  });
  const stage: Stage = {
    index,
    fleet,
    config: configOf(config),
    writer: new SlowWriter({ fleet, now, writesPerSecond: 20 }),
    now,
    wait,
    pace: { goesOn: () => stage.leads, wait },
    leads: true,
    writes,
    beforeWrite: () => undefined,
  };
  return stage;
}

/** Every pod's cost, owner record and mark, by name. */
export function annotationsOf(index: FleetIndex): Readonly<Record<string, readonly (string | null)[]>> {
  return Object.fromEntries(
    [...index.pods()].map((pod) => [namespacedName(pod), [pod.cost, pod.costOwner, pod.victim?.unit ?? null]]),
  );
}

/** Takes back marks as the leader does at this time, which stands still; resolves with how many. */
export async function takeBackAt(time: number, fleet: Fleet, config: Config): Promise<number> {
  const now = () => time;
  let taken = 0;
  const counted: Fleet = {
    snapshot: () => fleet.snapshot(),
    staleness: () => fleet.staleness(),
    async write(writes, deadline) {
      const outcomes = await fleet.write(writes, deadline);
      taken += outcomes.filter((outcome) => outcome === 'written').length;
      return outcomes;
    },
  };
  const writer = new SlowWriter({ fleet: counted, now, writesPerSecond: 20 });
  await takingBack(fleet, config, now, writer).run({ goesOn: () => true, wait: async () => undefined });
  return taken;
}
