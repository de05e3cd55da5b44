import { runCommand } from './commands/commands.ts';

process.exitCode = await runCommand(process.argv.slice(2), {
  stdout: (line) => process.stdout.write(`${line}\n`),
  stderr: (line) => process.stderr.write(`${line}\n`),
  environment: process.env,
  now: Date.now,
});
