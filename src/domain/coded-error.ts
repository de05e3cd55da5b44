/**
 * An error that a user can act on: a stable code for scripts, and one sentence that says what, where and what to do.
 */
export class CodedError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'CodedError';
    this.code = code;
  }
}

/** What was thrown, for people: the message of an error, or the text of anything else. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
