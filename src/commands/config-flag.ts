import type { Config } from '../config/config.ts';
import { readConfig } from '../config/read-config.ts';
import { readTextFile } from './files.ts';
import type { Arguments } from './usage.ts';

export const CONFIG_FLAG = {
  config: {
    type: 'string',
    value: 'F',
    help: 'the configuration file; packdown serve --print-config shows what is in effect',
  },
} as const;

/** The configuration: the file of --config under the environment, or the defaults. */
export async function readConfigFlag(
  args: Arguments,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Config> {
  const path = args.text('config');
  const file = path === undefined ? null : { name: path, text: await readTextFile(path) };
  return readConfig({ file, environment });
}
