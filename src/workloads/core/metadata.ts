import type { OwnerReference } from '../../domain/fleet/pod.ts';
import { type JsonObject, listAt, objectAt, stringsAt, textOf } from './json.ts';

export interface Metadata {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The owner reference with `controller: true`. */
  readonly controller: OwnerReference | null;
  /** Has a deletionTimestamp. */
  readonly deleting: boolean;
  readonly generation: number | null;
}

/** Throws CodedError `MalformedObject` where the metadata is no object. */
export function readMetadata(object: JsonObject): Metadata {
  const metadata = objectAt(object, 'metadata');
  const controller = listAt(metadata, 'ownerReferences').find((reference) => reference.controller === true);
  return {
    namespace: textOf(metadata.namespace) ?? '',
    name: textOf(metadata.name) ?? '',
    uid: textOf(metadata.uid) ?? '',
    labels: stringsAt(metadata, 'labels'),
    annotations: stringsAt(metadata, 'annotations'),
    controller: controller === undefined ? null : readOwner(controller),
    deleting: typeof metadata.deletionTimestamp === 'string',
    generation: typeof metadata.generation === 'number' ? metadata.generation : null,
  };
}

/** Every owner reference, that of the controller and others. */
export function readOwners(object: JsonObject): readonly OwnerReference[] {
  return listAt(object, 'metadata', 'ownerReferences').map(readOwner);
}

function readOwner(reference: JsonObject): OwnerReference {
  return {
    apiVersion: textOf(reference.apiVersion) ?? '',
    kind: textOf(reference.kind) ?? '',
    name: textOf(reference.name) ?? '',
    uid: textOf(reference.uid) ?? '',
  };
}
