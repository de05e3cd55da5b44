import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const DOCKERFILE = readFileSync(join(import.meta.dirname, '../Dockerfile'), 'utf8');

/** What the image gives Node: its flags and the program. */
export function entrypointArguments(): readonly string[] {
  const [, , ...args]: string[] = JSON.parse(`["ENTRYPOINT", ${/^ENTRYPOINT \[(.*)\]$/m.exec(DOCKERFILE)?.[1]}]`);
  return args;
}
