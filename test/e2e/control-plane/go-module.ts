import { fileURLToPath } from 'node:url';
import type { Cluster } from './cluster.ts';
import type { ToolModuleName } from './tools.ts';

/**
 * The folder with the sources of a module that programs are built from, at the version of its `tools/<name>/go.mod`.
 */
export async function goModuleFolder({ run }: Cluster, name: ToolModuleName, module: string): Promise<string> {
  const tools = fileURLToPath(new URL(`../tools/${name}`, import.meta.url));
  const { code, stdout, stderr } = await run('go', '-C', tools, 'mod', 'download', '-json', module);
  if (code !== 0) throw new Error(`go mod download ${module} failed: ${stderr.trim()}${stdout.trim()}`);
  const { Dir: folder }: { Dir: string } = JSON.parse(stdout);
  return folder;
}
