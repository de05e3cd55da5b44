import { runCommand } from './commands/commands.ts';

try {
  process.exitCode = await runCommand(process.argv.slice(2), {
    stdout: (line) => process.stdout.write(`${line}\n`),
    stderr: (line) => process.stderr.write(`${line}\n`),
    colour: process.stdout.isTTY === true && process.stdout.hasColors(),
    environment: process.env,
    now: Date.now,
  });
} catch (error) {
  // Node's own exit code for a crash is 1, which `check` keeps for denied.
  console.error(error);
  process.exitCode = 2;
}
