import { isTransient } from '../cluster/live/kube-errors.ts';
import { CodedError } from '../domain/coded-error.ts';
import { VERSION } from '../version.ts';
import { certs } from './certs.ts';
import { check } from './check.ts';
import type { Command, CommandIo } from './command.ts';
import { explain } from './explain.ts';
import { help, helpOf, usageOf } from './help.ts';
import { plan } from './plan.ts';
import { printable } from './printable.ts';
import { rules } from './rules.ts';
import { serve } from './serve.ts';

export const commands: readonly Command[] = [serve, plan, explain, check, rules, certs];

/**
 * Runs `packdown <command> …` and returns the exit code: 0 done, 1 denied, 2 wrong usage or input, 3 no cluster, or one
 * that cannot answer now.
 */
export async function runCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  const [name = 'help', ...rest] = argv;
  if (['help', '--help', '-h'].includes(name)) return helpFor(rest[0], io);
  if (['version', '--version'].includes(name)) {
    io.stdout(VERSION);
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) return unknown(name, io);
  if (rest.includes('--help') || rest.includes('-h')) return helpFor(name, io);
  try {
    return await command.run(rest, io);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    io.stderr(`packdown: ${error.message}`.split('\n').map(printable).join('\n'));
    if (error.code === 'WrongUsage') io.stderr(`${usageOf(command)}\nSee packdown ${command.name} --help.`);
    return error.code === 'ClusterUnreachable' || isTransient(error) ? 3 : 2;
  }
}

/** All commands, or one. */
function helpFor(name: string | undefined, io: CommandIo): number {
  const command = commands.find((candidate) => candidate.name === name);
  if (name !== undefined && command === undefined) return unknown(name, io);
  io.stdout(command === undefined ? help(commands) : helpOf(command));
  return 0;
}

function unknown(name: string, io: CommandIo): number {
  io.stderr(`packdown: packdown has no command ${name}; see packdown help`);
  return 2;
}
