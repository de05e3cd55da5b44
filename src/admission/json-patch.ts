export type JsonPatch = readonly PatchOperation[];

export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove' | 'test';
  readonly path: string;
  readonly value?: unknown;
}

/** Adds annotations by key, or the whole map where the object has none: an `add` into a missing map does not apply. */
export function addAnnotations(hasAnnotations: boolean, annotations: Readonly<Record<string, string>>): JsonPatch {
  if (!hasAnnotations) return [{ op: 'add', path: '/metadata/annotations', value: annotations }];
  return Object.entries(annotations).map(([key, value]) => ({
    op: 'add',
    path: `/metadata/annotations/${escapePointer(key)}`,
    value,
  }));
}

/** RFC 6901: `~` and `/` inside a key. */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
