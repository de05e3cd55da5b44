import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject, listAt } from '../../../src/workloads/core/json.ts';

/**
 * Applies a JSON patch as the apiserver's library does, for paths that end in objects: a test against null passes
 * where the key is missing, and fails where its parent is. Returns null when an operation does not apply.
 */
export function applyPatch(object: JsonObject, patch: unknown): JsonObject | null {
  const result: Record<string, unknown> = { ...structuredClone(object) };
  for (const { op, path, value } of listAt({ patch }, 'patch')) {
    if (typeof path !== 'string') return null;
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop() ?? '';
    const parent = keys.reduce<unknown>(childOf, result);
    if (!isMutable(parent)) return null;
    if (op === 'test' && !isDeepStrictEqual(parent[last] ?? null, value)) return null;
    if (op === 'remove' && !(last in parent)) return null;
    if (op === 'add') parent[last] = value;
    if (op === 'remove') delete parent[last];
  }
  return result;
}

function childOf(current: unknown, key: string): unknown {
  if (Array.isArray(current)) return current[Number(key)];
  return isObject(current) ? current[key] : undefined;
}

function isMutable(value: unknown): value is Record<string, unknown> {
  return isObject(value);
}
