import { CodedError } from '../../domain/coded-error.ts';

/** A JSON object whose fields nobody has looked at yet. */
export type JsonObject = { readonly [key: string]: unknown };

const NOTHING: JsonObject = Object.freeze({});

/** Entries of one list or map: etcd takes objects of 1.5 MiB, which have no room for more. */
const MOST_ENTRIES = 100_000;

/** Arrays and null are none. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON object that a text holds, null where it holds none. */
export function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * The object at a path of keys, empty where there is none: Kubernetes omits what is empty. Throws CodedError
 * `MalformedObject` for something else in its place: taking that for empty would read counts that nobody wrote.
 */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  let current = isObject(value) ? value : NOTHING;
  let depth = 0;
  for (const key of path) {
    depth += 1;
    const next = current[key] ?? NOTHING;
    if (!isObject(next)) throw malformed(path.slice(0, depth), 'object');
    current = next;
  }
  return current;
}

/** The list of objects at a path of keys, like `objectAt`. */
export function listAt(value: unknown, ...path: readonly string[]): readonly JsonObject[] {
  const list = objectAt(value, ...path.slice(0, -1))[path.at(-1) ?? ''] ?? [];
  if (!Array.isArray(list) || !list.every(isObject)) throw malformed(path, 'list of objects');
  checkLength(list.length, path);
  return list;
}

/** The entries of the object at a path of keys, like `objectAt`. */
function entriesAt(value: unknown, ...path: readonly string[]): readonly [string, unknown][] {
  const map = objectAt(value, ...path);
  // Before the list is made, which takes more than the map.
  checkLength(Object.keys(map).length, path);
  return Object.entries(map);
}

function checkLength(length: number, path: readonly string[]): void {
  if (length <= MOST_ENTRIES) return;
  const problem = `${path.join('.')} has ${length} entries, and no object that Kubernetes stores over ${MOST_ENTRIES}`;
  throw new CodedError('MalformedObject', `${problem}; leave some out`);
}

function malformed(path: readonly string[], wanted: string): CodedError {
  return new CodedError('MalformedObject', `${path.join('.')} is no ${wanted}; write it as Kubernetes' API has it`);
}

/** Null for what is no string. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The entries whose values are strings: labels and annotations. */
export function stringsAt(value: unknown, ...path: readonly string[]): Readonly<Record<string, string>> {
  const entries = entriesAt(value, ...path);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Milliseconds since the epoch, null for what is no time. */
export function timeOf(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

/** A count with the default that its API documents; NaN for what is no number, so that a rule can say so. */
export function countOr(value: unknown, whenAbsent: number): number {
  if (value === undefined || value === null) return whenAbsent;
  return typeof value === 'number' ? value : Number.NaN;
}

/** Null for what is no number. */
export function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/** The strings of a list; what else is in it is left out. */
export function listTexts(value: unknown, key: string): readonly string[] {
  const list = objectAt(value)[key];
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}
