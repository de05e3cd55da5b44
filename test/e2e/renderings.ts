import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { isObject, type JsonObject } from '../../src/workloads/core/json.ts';
import { MANIFESTS } from '../manifests/kustomize.ts';
import type { FoundTools } from './control-plane/tools.ts';

export const CHART = join(MANIFESTS, 'helm');
export const NAMESPACE = 'packdown-system';

/** The path of a program that was found; its name where there are none, in tests that are skipped. */
export function programIn(found: FoundTools, name: string): string {
  return ('tools' in found ? found.tools.get(name) : undefined) ?? name;
}

/** The objects of a kustomization, rendered by the kubectl of the tests. */
export function kustomized(found: FoundTools, folder: string): readonly JsonObject[] {
  return objectsIn(execFileSync(programIn(found, 'kubectl'), ['kustomize', folder], { encoding: 'utf8' }));
}

/** What `helm template` makes of the chart with these values, each as `--set` takes it. */
export function helmTemplate(
  found: FoundTools,
  values: readonly string[],
  namespace = NAMESPACE,
): SpawnSyncReturns<string> {
  const flags = [`--namespace=${namespace}`, ...values.map((value) => `--set=${value}`)];
  return spawnSync(programIn(found, 'helm'), ['template', 'packdown', CHART, ...flags], { encoding: 'utf8' });
}

/** The objects of the chart; throws with Helm's error. */
export function charted(found: FoundTools, values: readonly string[], namespace?: string): readonly JsonObject[] {
  const { status, stdout, stderr } = helmTemplate(found, values, namespace);
  if (status !== 0) throw new Error(`helm template ${values.join(' ')}: ${stderr}`);
  return objectsIn(stdout);
}

function objectsIn(text: string): readonly JsonObject[] {
  return loadAll(text).filter(isObject);
}
