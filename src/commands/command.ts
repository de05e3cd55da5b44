import type { Flags } from './flag.ts';

/** What a command may touch besides its arguments. */
export interface CommandIo {
  /** Results, line by line. */
  readonly stdout: (line: string) => void;
  /** Whether stdout shows colours. */
  readonly colour: boolean;
  /** Everything else. */
  readonly stderr: (line: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it cannot do without, and positionals, as its help's first line prints them. */
  readonly synopsis: string;
  /** Whole command lines, most wanted first. */
  readonly examples: readonly string[];
  readonly flags: Flags;
  /** Returns the exit code: 0 done, 1 denied; throws CodedError for 2 and 3. */
  run(argv: readonly string[], io: CommandIo): Promise<number>;
}
