import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { dump } from 'js-yaml';
import { type JsonObject, objectAt } from '../../src/workloads/core/json.ts';
import { MANIFESTS, nameOf } from './kustomize.ts';

/** Calls with the folder of a kustomization of the base with these components, in this order; it is gone afterwards. */
export function withComposition<T>(components: readonly string[], use: (folder: string) => T): T {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'packdown-composed-')));
  try {
    // kustomize takes relative paths only.
    const at = (path: string) => relative(folder, join(MANIFESTS, path));
    const kustomization = { resources: [at('base')], components: components.map((name) => at(`components/${name}`)) };
    writeFileSync(join(folder, 'kustomization.yaml'), dump(kustomization));
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Kind, namespace and name. */
export function identityOf(object: JsonObject): string {
  return `${object.kind} ${objectAt(object, 'metadata').namespace ?? '-'} ${nameOf(object)}`;
}

/**
 * The objects by identity. Lists are sorted: arguments, volumes and mounts come in the order of components, which means
 * nothing.
 */
export function byIdentity(objects: readonly JsonObject[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(objects.map((object) => [identityOf(object), sortLists(object)]));
}

function sortLists(value: unknown): unknown {
  const asText = (item: unknown) => JSON.stringify(item);
  if (Array.isArray(value)) {
    return value.map(sortLists).sort((a, b) => (asText(a) < asText(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortLists(item)]));
}
