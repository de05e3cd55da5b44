import { EmbeddedFleet } from '../cluster/embedded/embedded-fleet.ts';
import { loadFleet } from '../cluster/embedded/load-fleet.ts';
import { CodedError } from '../domain/coded-error.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import { readTextFile } from './files.ts';
import type { Arguments } from './usage.ts';

export const FLEET_FLAGS = {
  fleet: { type: 'string' },
  kubeconfig: { type: 'string' },
  'in-cluster': { type: 'boolean' },
} as const;

/** A fleet to read and how to let go of it. */
export interface FleetSource {
  readonly fleet: Fleet;
  /** What it is, for people: a file or a cluster. */
  readonly description: string;
  close(): Promise<void>;
}

/** Opens the fleet that the flags name. Throws CodedError: `WrongUsage` unless exactly one is named. */
export async function openFleet(args: Arguments, now: () => number): Promise<FleetSource> {
  const file = args.text('fleet');
  const kubeconfig = args.text('kubeconfig');
  const inCluster = args.isSet('in-cluster');
  const named = [file !== undefined, kubeconfig !== undefined, inCluster].filter(Boolean).length;
  if (named !== 1) throw new CodedError('WrongUsage', 'name one fleet: --fleet F.yaml, --kubeconfig F or --in-cluster');
  if (file !== undefined) {
    const fleet = new EmbeddedFleet(loadFleet(await readTextFile(file), file), now);
    return { fleet, description: file, close: async () => undefined };
  }
  throw new CodedError('WrongUsage', 'not yet');
}
