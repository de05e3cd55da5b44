import { CodedError, messageOf } from '../domain/coded-error.ts';

/** How the bodies of one kind of call are refused. */
interface BodyRefusals {
  /** The error for a body of which this is wrong: a clause, such as `Pod is missing`. */
  invalid(what: string): CodedError;
  /** What `reader` makes of a part of a body; where that cannot be read, it throws what `invalid` gives. */
  read<T>(part: string, reader: () => T): T;
}

/** Refusals with this code of what is no `body`, which `sender` would have sent. */
export function refusalsOf(code: string, body: string, sender: string): BodyRefusals {
  const invalid = (what: string) => new CodedError(code, `the body is no ${body}: ${what}; send what ${sender} sends`);
  return {
    invalid,
    read(part, reader) {
      try {
        return reader();
      } catch (error) {
        // What the reader found wrong itself says all.
        if (error instanceof CodedError && error.code === code) throw error;
        throw invalid(`${part} cannot be read: ${messageOf(error)}`);
      }
    },
  };
}
