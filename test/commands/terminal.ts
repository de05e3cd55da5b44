import { type SpawnSyncReturns, spawnSync } from 'node:child_process';

/** Has the log of this module say a line on a terminal of its own, one without colours, by the script(1) of Linux. */
export function logOnTerminal(logModule: string): SpawnSyncReturns<string> {
  const program = `const { createLog } = await import('${logModule}');
    (await createLog('info')).info({ port: 8443 }, 'serving');`;
  const command = `exec '${process.execPath}' --input-type=module --eval "$PROGRAM"`;
  const env = { PATH: process.env.PATH, PROGRAM: program, NO_COLOR: '1', TERM: 'xterm' };
  return spawnSync('script', ['--quiet', '--return', '--command', command, '/dev/null'], { encoding: 'utf8', env });
}
