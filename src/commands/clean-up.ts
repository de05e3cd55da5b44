import { setTimeout } from 'node:timers/promises';
import { cleanUp } from '../background/clean-up.ts';
import type { Log } from '../cluster/live/log.ts';
import { CodedError } from '../domain/coded-error.ts';
import { counted } from '../domain/ordering/wording.ts';
import type { CommandIo } from './command.ts';
import { openFleet } from './fleet-source.ts';
import type { Arguments } from './usage.ts';

/**
 * Removes everything of ours from the fleet that the flags name and prints from how many pods. Throws CodedError
 * `ClusterUnreachable` when the fleet cannot be read, be it one kind of it, or when too many writes in a row failed.
 */
export async function runCleanUp(args: Arguments, log: Log, io: CommandIo): Promise<void> {
  const source = await openFleet(args, io.now, log);
  try {
    await source.start();
    const { cleaned, left } = await cleanUp({ fleet: source.fleet, now: io.now, wait: setTimeout });
    io.stdout(`packdown removed its annotations from ${counted(cleaned, 'pod')}`);
    if (left.length > 0) throw unfinished(left);
    const kinds = source.unread();
    if (kinds.length > 0) throw unread(kinds);
  } finally {
    await source.close();
  }
}

function unread(kinds: readonly string[]): CodedError {
  const what = kinds.join(', ');
  return new CodedError(
    'ClusterUnreachable',
    `${what} could not be listed, and may carry packdown's annotations still; run this again once they can be`,
  );
}

function unfinished(left: readonly string[]): CodedError {
  const some = left.slice(0, 3).join(', ');
  return new CodedError(
    'ClusterUnreachable',
    `${counted(left.length, 'pod')} could not be written, ${some} among them; see why above, and run this again`,
  );
}
