import { createHash } from 'node:crypto';
import { constants, existsSync, globSync } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LastResort, startLastResort } from './last-resort.ts';
import { runToEnd } from './processes.ts';

/** A Go module under `test/e2e/tools` and the programs that are built from it: file name → package path. */
interface ToolModule {
  programs: Record<string, string>;
  /** Passed to the linker as `-X`: what the program reports as its own version. */
  versionVariable?: { name: string; module: string };
}

const modules = {
  kubernetes: {
    programs: {
      etcd: 'go.etcd.io/etcd/server/v3',
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    versionVariable: { name: 'k8s.io/component-base/version.gitVersion', module: 'k8s.io/kubernetes' },
  },
  kwok: { programs: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' } },
  lws: { programs: { 'lws-controller': 'sigs.k8s.io/lws/cmd' } },
  keda: { programs: { 'keda-operator': 'github.com/kedacore/keda/v2/cmd/operator' } },
  helm: { programs: { helm: 'helm.sh/helm/v4/cmd/helm' } },
  'cert-manager': { programs: { 'cert-manager': '.' } },
} satisfies Record<string, ToolModule>;

export type ToolModuleName = keyof typeof modules;

/** Programs by name (`etcd`, `kube-apiserver`, …) → absolute path. */
export type Tools = Map<string, string>;

/** Either the programs, or one line that says why there are none and how to get them. */
export type FoundTools = { tools: Tools; onlyApiServer: boolean } | { reason: string };

const getAssets = 'set KUBEBUILDER_ASSETS to the folder that `setup-envtest use -p path` prints';

/**
 * Finds the programs of a control plane: in `KUBEBUILDER_ASSETS` if set (etcd, kube-apiserver and kubectl only), else
 * built from their Go modules into the cache, the first time in a few minutes.
 */
export async function findTools(names: ToolModuleName[] = ['kubernetes', 'kwok']): Promise<FoundTools> {
  const assets = process.env.KUBEBUILDER_ASSETS;
  if (assets !== undefined && assets !== '') return findAssets(assets);
  if (!(await isOnPath('go'))) {
    return { reason: `no Go and no KUBEBUILDER_ASSETS: install Go 1.26 or later (https://go.dev/dl), or ${getAssets}` };
  }
  const tools: Tools = new Map();
  for (const name of names) {
    const folder = await buildModule(name);
    for (const program of Object.keys(modules[name].programs)) tools.set(program, join(folder, program));
  }
  return { tools, onlyApiServer: false };
}

/** The programs that were found; throws where there are none. */
export function toolsIn(found: FoundTools): Tools {
  if ('reason' in found) throw new Error(found.reason);
  return found.tools;
}

async function findAssets(folder: string): Promise<FoundTools> {
  const tools: Tools = new Map();
  for (const program of ['etcd', 'kube-apiserver', 'kubectl']) {
    const path = join(folder, program);
    if (!(await isExecutable(path))) {
      return { reason: `KUBEBUILDER_ASSETS=${folder} has no executable ${program}: ${getAssets}` };
    }
    tools.set(program, path);
  }
  return { tools, onlyApiServer: true };
}

export async function isOnPath(program: string): Promise<boolean> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return (await Promise.all(folders.map((folder) => isExecutable(join(folder, program))))).includes(true);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Returns the folder with the module's programs. It exists only if every one of them was built. */
async function buildModule(name: ToolModuleName): Promise<string> {
  const module: ToolModule = modules[name];
  const source = fileURLToPath(new URL(`../tools/${name}`, import.meta.url));
  const goMod = await readFile(join(source, 'go.mod'));
  const key = await keyOf(['go.mod', 'go.sum', ...globSync('*.go', { cwd: source })].map((file) => join(source, file)));
  return inCache(key, async (built, scratch, lastResort) => {
    const flags = ['-trimpath', '-ldflags', linkerFlags(module, goMod.toString())];
    const programs = Object.entries(module.programs);
    for (const [index, [program, path]] of programs.entries()) {
      console.error(`building ${program} (${name} ${index + 1}/${programs.length})`);
      const started = performance.now();
      const { code, stderr } = await runToEnd('go', ['build', ...flags, '-o', join(built, program), path], {
        cwd: source,
        env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: scratch },
        lastResort,
        niceness: 10,
      });
      if (code !== 0) throw new Error(`go build ${path} failed with code ${code}: ${stderr.trim()}`);
      console.error(`built ${program} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    }
  });
}

async function keyOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

/**
 * The folder of this name in the cache, made by `fill` in a first folder, with a second for what is not kept, if it is
 * not there.
 */
export async function inCache(
  name: string,
  fill: (made: string, scratch: string, lastResort: LastResort) => Promise<void>,
): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'packdown-e2e');
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;

  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, '.unfinished-'));
  const [made, scratch] = [join(unfinished, 'made'), join(unfinished, 'scratch')];
  await Promise.all([mkdir(made), mkdir(scratch)]);
  const lastResort = startLastResort();
  lastResort.folder(unfinished);
  try {
    await fill(made, scratch, lastResort);
    await rename(made, folder).catch((error: unknown) => {
      // Another run has made the same in the meantime.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await lastResort.end();
  }
  return folder;
}

function linkerFlags(module: ToolModule, goMod: string): string {
  const flags = ['-s', '-w'];
  if (module.versionVariable !== undefined) {
    const { name, module: path } = module.versionVariable;
    const version = goMod.split('\n').flatMap((line) => {
      const [first, second] = line.trim().split(' ');
      return first === path && second?.startsWith('v') ? [second] : [];
    })[0];
    if (version === undefined) throw new Error(`go.mod does not require ${path}`);
    flags.push('-X', `${name}=${version}`);
  }
  return flags.join(' ');
}
