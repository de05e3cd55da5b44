import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load, loadAll } from 'js-yaml';
import { isObject, type JsonObject, listTexts, objectAt } from '../../src/workloads/core/json.ts';

export const MANIFESTS = fileURLToPath(new URL('../../manifests/', import.meta.url));

const hasKubectl = spawnSync('kubectl', ['kustomize', '--help'], { stdio: 'ignore' }).status === 0;

/**
 * The `skip` of tests that need more than the files as they are: why they are skipped, or false. With E2E_REQUIRED=1,
 * as in CI, nothing is skipped: it throws instead.
 */
export function cannotRender(): string | false {
  if (hasKubectl) return false;
  const reason = 'kubectl is not installed, so the overlays cannot be rendered';
  if (process.env.E2E_REQUIRED === '1') throw new Error(`E2E_REQUIRED=1, but ${reason}`);
  return reason;
}

/** The objects that `kubectl apply -k` would send; without kubectl, those in the files, not patched or generated. */
export function objectsOf(folder: string): readonly JsonObject[] {
  return hasKubectl ? render(folder) : listedFiles(folder).flatMap(documents);
}

function render(folder: string): readonly JsonObject[] {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`kubectl kustomize ${folder}: ${stderr}`);
  return loadAll(stdout).filter(isObject);
}

/**
 * The files under `resources:` of a kustomization and of the kustomizations and components that it names; a missing one
 * throws.
 */
export function listedFiles(folder: string): readonly string[] {
  const kustomization = load(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
  return [...listTexts(kustomization, 'resources'), ...listTexts(kustomization, 'components')]
    .map((resource) => join(folder, resource))
    .flatMap((path) => (statSync(path).isDirectory() ? listedFiles(path) : [path]));
}

/** The objects in a file of one or many documents. */
export function documents(file: string): readonly JsonObject[] {
  return loadAll(readFileSync(file, 'utf8')).filter(isObject);
}

/** The one object of this kind, and of this name where there are several. */
export function only(objects: readonly JsonObject[], kind: string, name?: string): JsonObject {
  const found = objects.filter((object) => object.kind === kind && (name === undefined || nameOf(object) === name));
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} objects ${kind} ${name ?? ''}`);
  return first;
}

export function nameOf(object: JsonObject): unknown {
  return objectAt(object, 'metadata').name;
}
