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
  /** Flags and positionals, as `packdown help` prints them. */
  readonly synopsis: string;
  /** Returns the exit code: 0 done, 1 denied; throws CodedError for 2 and 3. */
  run(argv: readonly string[], io: CommandIo): Promise<number>;
}
