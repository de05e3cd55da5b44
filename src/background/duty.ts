import { messageOf } from '../domain/coded-error.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import { isSilent } from '../domain/fleet/silence.ts';

/** One kind of work that the leader does beside serving, again and again. */
export interface Duty {
  /** What it does, for the log. */
  readonly name: string;
  /** Milliseconds until the next run; asked before each. */
  readonly every: number;
  run(pace: Pace): Promise<void>;
}

/** How a run goes on: it looks at `goesOn` after every wait. */
export interface Pace {
  /** False once this replica leads no longer, hears nothing of the fleet any more, or shuts down. */
  goesOn(): boolean;
  /** Resolves after so many milliseconds, or as soon as the replica shuts down. */
  wait(milliseconds: number): Promise<void>;
}

export interface DutySurroundings {
  readonly isLeader: () => boolean;
  readonly fleet: Pick<Fleet, 'staleness'>;
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly log: { warn(details: object, message: string): void };
}

/**
 * Runs every duty in its own rhythm while this replica leads and hears of the fleet: of one that is half read, pods
 * seem to be nobody's, and what their controllers are about to delete looks like marks that led nowhere. `close`
 * resolves when none is under way.
 */
export function runDuties(duties: readonly Duty[], surroundings: DutySurroundings): { close(): Promise<void> } {
  const stopped = new AbortController();
  const runs = duties.map((duty) => repeat(duty, surroundings, stopped.signal));
  return {
    async close() {
      stopped.abort();
      await Promise.all(runs);
    },
  };
}

async function repeat(
  duty: Duty,
  { isLeader, fleet, delay, log }: DutySurroundings,
  signal: AbortSignal,
): Promise<void> {
  const pace: Pace = {
    goesOn: () => !signal.aborted && isLeader() && !isSilent(fleet.staleness()),
    wait: (milliseconds) => delay(milliseconds, signal),
  };
  let lastProblem = '';
  while (!signal.aborted) {
    await pace.wait(duty.every);
    if (!pace.goesOn()) continue;
    let problem = '';
    try {
      await duty.run(pace);
    } catch (error) {
      problem = messageOf(error);
    }
    // Once, not at every run of an outage.
    if (problem !== '' && problem !== lastProblem) log.warn({ duty: duty.name, problem }, 'background work failed');
    lastProblem = problem;
  }
}
