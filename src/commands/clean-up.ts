import { cleanUp } from '../background/clean-up.ts';
import { CodedError } from '../domain/coded-error.ts';
import type { CommandIo } from './command.ts';
import type { FleetSource } from './fleet-source.ts';

/**
 * Removes everything of ours from the fleet and prints from how many pods. Throws CodedError `ClusterUnreachable` when
 * the fleet cannot be read, or pods could not be written for so long that it gave up.
 */
export async function runCleanUp(source: FleetSource, io: CommandIo): Promise<void> {
  await source.start();
  const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  const { cleaned, left } = await cleanUp({ fleet: source.fleet, now: io.now, wait });
  io.stdout(`packdown removed its annotations from ${cleaned} pods`);
  if (left.length === 0) return;
  const some = left.slice(0, 3).join(', ');
  throw new CodedError(
    'ClusterUnreachable',
    `${left.length} pods could not be written, ${some} among them; see why above, and run this again`,
  );
}
