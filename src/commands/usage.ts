import { type ParseArgsConfig, parseArgs } from 'node:util';
import { DURATION, milliseconds } from '../config/duration.ts';
import { variableOf } from '../config/environment.ts';
import { CodedError, messageOf } from '../domain/coded-error.ts';

export type FlagSpec = Readonly<
  Record<string, { readonly type: 'string' | 'boolean'; readonly multiple?: boolean; readonly short?: string }>
>;

/**
 * Flags and positionals of one command, under the environment: `--ops-port` is PACKDOWN_OPS_PORT where it is not given.
 */
export interface Arguments {
  text(flag: string): string | undefined;
  texts(flag: string): readonly string[];
  isSet(flag: string): boolean;
  /** Which of some alternatives are given: those on the command line, or else, where none is, those in the environment. */
  given(alternatives: readonly string[]): readonly string[];
  readonly positionals: readonly string[];
}

/** How a flag without a value is set, or not, in the environment. */
const SET = ['true', '1'];
const NOT_SET = ['false', '0'];

/**
 * Throws CodedError `WrongUsage` with what is wrong, for exit code 2; a positional is wrong unless they are allowed.
 */
export function readArguments(
  argv: readonly string[],
  flags: FlagSpec,
  environment: Readonly<Record<string, string | undefined>>,
  { allowPositionals = false } = {},
): Arguments {
  const { values, positionals } = parse(argv, flags, allowPositionals);
  for (const [flag, { type }] of Object.entries(flags)) {
    // What "$UNSET" leaves in a shell.
    if ([values[flag]].flat().includes('')) throw wrong(`--${flag} is empty: give it a value or leave it out`);
    const text = type === 'boolean' ? fromEnvironment(flag, environment) : undefined;
    if (text !== undefined && ![...SET, ...NOT_SET].includes(text))
      throw wrong(`${variableOf(flag)}=${text} is neither true nor false: set it to one of them`);
  }
  const valueGiven = (flag: string) => values[flag] ?? fromEnvironment(flag, environment);
  const isSet = (flag: string) => {
    const value = valueGiven(flag);
    return value === true || SET.some((text) => text === value);
  };
  const isGiven = (flag: string) => (flags[flag]?.type === 'boolean' ? isSet(flag) : valueGiven(flag) !== undefined);
  return {
    positionals,
    text(flag) {
      const value = valueGiven(flag);
      return typeof value === 'string' ? value : undefined;
    },
    texts(flag) {
      const value = valueGiven(flag);
      return Array.isArray(value)
        ? value.filter((item) => typeof item === 'string')
        : typeof value === 'string'
          ? [value]
          : [];
    },
    isSet,
    given(alternatives) {
      const onCommandLine = alternatives.filter((flag) => values[flag] !== undefined);
      return onCommandLine.length > 0 ? onCommandLine : alternatives.filter(isGiven);
    },
  };
}

function parse(argv: readonly string[], flags: FlagSpec, allowPositionals: boolean) {
  // kubectl takes `-o=json` for `-o json`, which for parseArgs has the value `=json`.
  const args = argv.map((argument) => argument.replace(/^-(\w)=/, '-$1'));
  const { values, positionals, tokens } = parsed({ args, options: flags, allowPositionals, tokens: true });
  const given = tokens.flatMap((token) => (token.kind === 'option' && token.value !== undefined ? [token.name] : []));
  const twice = given.find((flag, index) => flags[flag]?.multiple !== true && given.indexOf(flag) < index);
  if (twice !== undefined) throw wrong(`--${twice} is given twice: keep one`);
  return { values, positionals };
}

function parsed<Options extends ParseArgsConfig>(options: Options): ReturnType<typeof parseArgs<Options>> {
  try {
    return parseArgs(options);
  } catch (error) {
    throw wrong(messageOf(error));
  }
}

function fromEnvironment(flag: string, environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const value = environment[variableOf(flag)] ?? '';
  // Kubernetes sets PACKDOWN_PORT=tcp://… in pods beside a Service named packdown; that is not ours.
  return value === '' || /^(tcp|udp|sctp):\/\//.test(value) ? undefined : value;
}

function wrong(problem: string): CodedError {
  return new CodedError('WrongUsage', problem);
}

/** A TCP port out of a flag, 0 for any free one. */
export function readPort(flag: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw wrong(`--${flag} ${text} is no port: give a number from 0 to 65535`);
}

/** Milliseconds of a duration such as `1.5s` out of a flag. */
export function readDuration(flag: string, text: string): number {
  if (new RegExp(DURATION.pattern).test(text)) return milliseconds(text);
  throw wrong(`--${flag} ${text} is no duration: give ${DURATION.description}`);
}

/** One of a few words out of a flag. */
export function readChoice<Choice extends string>(flag: string, text: string, choices: readonly Choice[]): Choice {
  return choiceOf(`--${flag} ${text}`, text, choices);
}

/** One of a few words, which a sentence that refuses others calls `named`. Throws CodedError `WrongUsage`. */
export function choiceOf<Choice extends string>(named: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw wrong(`${named} is none of ${choices.join(', ')}`);
}
