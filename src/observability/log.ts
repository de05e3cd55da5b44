import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from '../config/log-levels.ts';

const STDERR = 2;

/** A log on stderr: JSON, a line an entry, for whatever collects it; for people where stderr is a terminal. */
export async function createLog(level: LogLevel): Promise<Logger> {
  return pino({ level, base: null }, isatty(STDERR) ? await terminal() : lines());
}

/** A line that cannot be written, as on a disk that is full, is lost: whoever logs must not fail for it. */
function lines(): DestinationStream {
  const destination = pino.destination({ dest: STDERR, sync: true });
  destination.on('error', () => undefined);
  return destination;
}

/** Read in only where it is needed: what packdown takes of memory in a cluster is counted. */
async function terminal(): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: process.stderr.hasColors(),
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  });
  return { write: (line) => process.stderr.write(pretty(line)) };
}
