import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** The version of packdown, as package.json has it. */
export const VERSION: string = version;
