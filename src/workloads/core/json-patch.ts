/** One operation of a JSON patch, RFC 6902. */
export type PatchOperation =
  | { readonly op: 'test' | 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

export type JsonPatch = readonly PatchOperation[];

export const ANNOTATIONS = '/metadata/annotations';

/** The JSON pointer to an annotation, RFC 6901: `~` and `/` in its key are escaped. */
export function annotationPointer(key: string): string {
  return `${ANNOTATIONS}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Adds annotations by key, or the whole map where the object has none: an `add` into a missing map does not apply. */
export function addAnnotations(hasAnnotations: boolean, annotations: Readonly<Record<string, string>>): JsonPatch {
  if (!hasAnnotations) return [{ op: 'add', path: ANNOTATIONS, value: annotations }];
  return Object.entries(annotations).map(([key, value]) => ({ op: 'add', path: annotationPointer(key), value }));
}
