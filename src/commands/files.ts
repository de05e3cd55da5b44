import { readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { CodedError, messageOf } from '../domain/coded-error.ts';

/** Reads a text file that a user named, or stdin for `-`. Throws CodedError `UnreadableFile` naming it. */
export async function readTextFile(path: string): Promise<string> {
  try {
    return await (path === '-' ? text(process.stdin) : readFile(path, 'utf8'));
  } catch (error) {
    throw new CodedError('UnreadableFile', `cannot read ${path}: ${messageOf(error)}`);
  }
}

/** Writes a text file that a user named, over what is there. Throws CodedError `CannotWrite` naming it. */
export async function writeTextFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new CodedError('CannotWrite', `cannot write ${path}: ${messageOf(error)}`);
  }
}
