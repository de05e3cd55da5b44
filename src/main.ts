import { runCommand } from './commands/commands.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever has read enough, as `head` does, closes the pipe: that is no failure.
  if (error.code === 'EPIPE') return;
  process.stderr.write(`packdown: cannot write to stdout: ${error.message}\n`);
  process.exit(2);
});
// Its exit code says what is wrong even where nobody can be told.
process.stderr.on('error', () => undefined);
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
