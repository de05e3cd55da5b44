import { CodedError } from '../domain/coded-error.ts';
import { certs } from './certs.ts';
import { check } from './check.ts';
import type { Command, CommandIo } from './command.ts';
import { explain } from './explain.ts';
import { plan } from './plan.ts';
import { rules } from './rules.ts';
import { serve } from './serve.ts';

const commands: readonly Command[] = [serve, plan, explain, check, rules, certs];

/** Runs `packdown <command> …` and returns the exit code: 0 done, 1 denied, 2 wrong usage or input, 3 no cluster. */
export async function runCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    io.stdout(help());
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined && (rest.includes('--help') || rest.includes('-h'))) {
    io.stdout(helpOf(command));
    return 0;
  }
  try {
    if (command === undefined) throw new CodedError('WrongUsage', `packdown has no command ${name}; see packdown help`);
    return await command.run(rest, io);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    io.stderr(`packdown: ${error.message}`);
    if (error.code === 'WrongUsage' && command !== undefined) io.stderr(helpOf(command));
    return error.code === 'ClusterUnreachable' ? 3 : 2;
  }
}

function help(): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}`);
  return ['packdown <command> [flags]', '', ...lines, '', 'packdown <command> --help lists its flags.'].join('\n');
}

function helpOf({ name, summary, synopsis }: Command): string {
  return `packdown ${name} ${synopsis}\n  ${summary}`;
}
