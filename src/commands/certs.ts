import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../domain/coded-error.ts';
import { caBundle, DEFAULT_SERVICE, makeCertificates } from '../http/certificates.ts';
import type { Command } from './command.ts';
import { readArguments } from './usage.ts';

const FLAGS = {
  out: { type: 'string', value: 'DIR', help: 'where to write ca.crt, tls.crt and tls.key; nothing is overwritten' },
  service: {
    type: 'string',
    value: 'NAME.NAMESPACE.svc',
    help: `what the certificate is good for (default ${DEFAULT_SERVICE})`,
  },
} as const;

export const certs: Command = {
  name: 'certs',
  summary: 'a self-signed CA and certificate for the webhook, and the caBundle line to paste',
  synopsis: '--out DIR [flags]',
  examples: ['packdown certs --out tls', 'packdown certs --out tls --service packdown.tools.svc'],
  flags: FLAGS,

  async run(argv, io) {
    const args = readArguments(argv, FLAGS, io.environment);
    const out = args.text('out');
    if (out === undefined) throw new CodedError('WrongUsage', 'certs needs --out DIR');
    const service = args.text('service') ?? DEFAULT_SERVICE;
    return runCerts({ out, service }, { stdout: io.stdout, now: new Date(io.now()) });
  },
};

/**
 * Writes `ca.crt`, `tls.crt` and `tls.key` into the directory `out` and prints the caBundle line to paste.
 *
 * @returns the exit code, 0.
 * @throws CodedError `InvalidService`, `FileExists` when one of the files is there already, `CannotWrite`.
 */
export async function runCerts(
  args: { out: string; service: string },
  io: { stdout: (line: string) => void; now: Date },
): Promise<number> {
  const files = { ca: join(args.out, 'ca.crt'), cert: join(args.out, 'tls.crt'), key: join(args.out, 'tls.key') };
  const existing = Object.values(files).find((path) => existsSync(path));
  if (existing !== undefined) throw fileExists(existing);

  const { ca, cert, key } = await makeCertificates({ service: args.service, now: io.now });
  try {
    await mkdir(args.out, { recursive: true });
  } catch (error) {
    throw cannotWrite(args.out, error);
  }
  await writeNew(files.key, key, 0o600);
  await writeNew(files.cert, cert, 0o644);
  await writeNew(files.ca, ca, 0o644);
  io.stdout(`caBundle: ${caBundle(ca)}`);
  return 0;
}

async function writeNew(path: string, content: string, mode: number): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx', mode });
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? fileExists(path) : cannotWrite(path, error);
  }
}

function fileExists(path: string): CodedError {
  return new CodedError('FileExists', `${path} exists and is not overwritten: remove it or choose another --out.`);
}

function cannotWrite(path: string, error: unknown): CodedError {
  return new CodedError('CannotWrite', `Cannot write ${path} (${codeOf(error)}): choose another --out.`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
