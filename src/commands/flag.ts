/** A flag as it is parsed, and as help tells of it. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly short?: string;
  /** What stands for its value in help; a boolean has none. */
  readonly value?: string;
  /** One line: what it does, and its default. */
  readonly help: string;
}

export type Flags = Readonly<Record<string, Flag>>;
