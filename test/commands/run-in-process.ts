import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { runCommand } from '../../src/commands/commands.ts';
import { NOW } from '../builders/fleet.ts';

export const EXAMPLE_FLEET = join(import.meta.dirname, '..', '..', 'manifests', 'examples', 'fleet.yaml');

export interface Ran {
  readonly code: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** Runs `packdown …` and gives what it printed, one entry a call: a result of several lines is one entry. */
export async function run(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  now = () => NOW,
): Promise<Ran> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const code = await runCommand(argv, {
    stdout: (line) => stdout.push(line),
    stderr: (line) => stderr.push(line),
    environment,
    colour: false,
    now,
  });
  return { code, stdout, stderr };
}

/** Writes a file that is gone after the test and gives its path; what is no text is written as JSON. */
export async function temporaryFile(t: TestContext, name: string, content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'packdown-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
