import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../src/domain/coded-error.ts';
import type { LastResort } from '../control-plane/last-resort.ts';
import { runToEnd } from '../control-plane/processes.ts';
import { type FoundTools, inCache, isOnPath } from '../control-plane/tools.ts';

const PACKAGE = 'prometheus';
const PROGRAMS = ['prometheus', 'promtool'];
const BIN = 'usr/bin';

/**
 * Finds `prometheus` and `promtool`: those on the path, or the ones of Debian's package, which is unpacked into the
 * cache and installed nowhere: that needs no root and starts no service.
 */
export async function findPrometheus(): Promise<FoundTools> {
  const onPath = await Promise.all(PROGRAMS.map(isOnPath));
  if (onPath.every((isThere) => isThere)) return foundIn('');
  if (!(await isOnPath('apt-get')) || !(await isOnPath('dpkg-deb'))) {
    return { reason: 'no prometheus and promtool on the path, and no apt-get to have them from: install Prometheus' };
  }
  try {
    return foundIn(join(await inCache('prometheus-of-debian', unpackPackage), BIN));
  } catch (error) {
    const why = messageOf(error);
    return { reason: `Debian's package ${PACKAGE} cannot be had (${why}): install Prometheus` };
  }
}

function foundIn(folder: string): FoundTools {
  return { tools: new Map(PROGRAMS.map((program) => [program, join(folder, program)])), onlyApiServer: false };
}

async function unpackPackage(made: string, scratch: string, lastResort: LastResort): Promise<void> {
  const [lists, cache] = [join(scratch, 'lists'), join(scratch, 'cache')];
  await Promise.all(
    [lists, join(cache, 'archives')].map((folder) => mkdir(join(folder, 'partial'), { recursive: true })),
  );
  // apt gives up root for what it fetches, and then may not write here.
  await chmod(scratch, 0o755);
  const options = [`Dir::State::lists=${lists}`, `Dir::Cache=${cache}`, 'APT::Sandbox::User=root', 'quiet=2'];
  const flags = options.flatMap((option) => ['-o', option]);
  const run = async (program: string, ...args: string[]) => {
    const { code, stderr } = await runToEnd(program, args, { lastResort, cwd: scratch, timeout: 300_000 });
    if (code !== 0) throw new Error(`${program} ended with code ${code}: ${stderr.trim()}`);
  };
  console.error(`fetching ${PACKAGE} of Debian`);
  await run('apt-get', ...flags, 'update');
  await run('apt-get', ...flags, 'download', PACKAGE);
  const [file] = (await readdir(scratch)).filter((name) => name.endsWith('.deb'));
  if (file === undefined) throw new Error('apt-get has downloaded nothing');
  await run('dpkg-deb', '-x', join(scratch, file), made);
}
