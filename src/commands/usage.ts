import { parseArgs } from 'node:util';
import { DURATION, milliseconds } from '../config/duration.ts';
import { CodedError } from '../domain/coded-error.ts';

export type FlagSpec = Readonly<
  Record<string, { readonly type: 'string' | 'boolean'; readonly multiple?: boolean; readonly short?: string }>
>;

/** Flags and positionals of one command, under the environment: `--ops-port` is PACKDOWN_OPS_PORT where it is not given. */
export interface Arguments {
  text(flag: string): string | undefined;
  texts(flag: string): readonly string[];
  isSet(flag: string): boolean;
  readonly positionals: readonly string[];
}

/** Throws CodedError `WrongUsage` with what is wrong, for exit code 2; a positional is wrong unless they are allowed. */
export function readArguments(
  argv: readonly string[],
  flags: FlagSpec,
  environment: Readonly<Record<string, string | undefined>>,
  { allowPositionals = false } = {},
): Arguments {
  const { values, positionals } = parse(argv, flags, allowPositionals);
  const given = (flag: string) => values[flag] ?? fromEnvironment(flag, environment);
  return {
    positionals,
    text(flag) {
      const value = given(flag);
      return typeof value === 'string' ? value : undefined;
    },
    texts(flag) {
      const value = given(flag);
      return Array.isArray(value)
        ? value.filter((item) => typeof item === 'string')
        : typeof value === 'string'
          ? [value]
          : [];
    },
    isSet(flag) {
      const value = given(flag);
      return value === true || value === 'true' || value === '1';
    },
  };
}

function parse(argv: readonly string[], flags: FlagSpec, allowPositionals: boolean) {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals });
  } catch (error) {
    throw new CodedError('WrongUsage', error instanceof Error ? error.message : String(error));
  }
}

function fromEnvironment(flag: string, environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const value = environment[`PACKDOWN_${flag.replaceAll('-', '_').toUpperCase()}`];
  // Kubernetes sets PACKDOWN_PORT=tcp://… in pods beside a Service named packdown; that is not ours.
  return value?.startsWith('tcp://') ? undefined : value;
}

/** A TCP port out of a flag, 0 for any free one. */
export function readPort(flag: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new CodedError('WrongUsage', `--${flag} ${text} is no port: give a number from 0 to 65535`);
}

/** Milliseconds of a duration such as `1.5s` out of a flag. */
export function readDuration(flag: string, text: string): number {
  if (new RegExp(DURATION.pattern).test(text)) return milliseconds(text);
  throw new CodedError('WrongUsage', `--${flag} ${text} is no duration: give a number and ms, s, m or h, e.g. 15s`);
}

/** One of a few words out of a flag. */
export function readChoice<Choice extends string>(flag: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw new CodedError('WrongUsage', `--${flag} ${text} is none of ${choices.join(', ')}`);
}
