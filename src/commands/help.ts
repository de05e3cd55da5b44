import type { Command } from './command.ts';
import type { Flag } from './flag.ts';

/** What `packdown help` prints. */
export function help(commands: readonly Command[]): string {
  return [
    'packdown <command> [flags]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}`),
    '',
    'packdown <command> --help lists its flags, with examples. A flag that is not given comes from the environment:',
    '--ops-port is PACKDOWN_OPS_PORT. packdown version prints the version.',
    'Exit codes: 0 done, 1 denied (check), 2 wrong usage or input, 3 no cluster.',
  ].join('\n');
}

/** What `packdown <command> --help` prints. */
export function helpOf(command: Command): string {
  const flags = Object.entries(command.flags).map(([name, flag]): [string, string] => [
    spelling(name, flag),
    flag.help,
  ]);
  const width = Math.max(...flags.map(([spelled]) => spelled.length));
  return [
    usageOf(command),
    `  ${command.summary}`,
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
    'Flags:',
    ...flags.map(([spelled, says]) => `  ${spelled.padEnd(width)}  ${says}`),
  ].join('\n');
}

/** One line: how the command is called. */
export function usageOf({ name, synopsis }: Command): string {
  return `packdown ${name} ${synopsis}`;
}

function spelling(name: string, { short, value }: Flag): string {
  const prefix = short === undefined ? '    ' : `-${short}, `;
  return `${prefix}--${name}${value === undefined ? '' : ` ${value}`}`;
}
