import { CodedError } from '../domain/coded-error.ts';
import { isObject, type JsonObject, textOf } from '../workloads/core/json.ts';

export const SUPPORTED_VERSION = 'admission.k8s.io/v1';

/** What packdown reads of an AdmissionReview's request. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: string;
  /** API group and plural of what is written, converted by the apiserver to what the webhook's rule lists. */
  readonly group: string;
  readonly resource: string;
  /** '' for the object itself. */
  readonly subResource: string;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  /** Milliseconds that the caller waits for an answer: what it says beside the review. */
  readonly patience: number;
  /** Null where the apiserver sends none, or something that is no object. */
  readonly object: JsonObject | null;
  readonly oldObject: JsonObject | null;
}

/** A review that can be answered: it has a uid, and the apiVersion to answer in. */
export interface AdmissionReview {
  readonly apiVersion: string;
  readonly request: AdmissionRequest;
}

/**
 * Reads an AdmissionReview. Throws CodedError `InvalidReview` only where there is no uid to answer to; whatever else is
 * odd is for the caller to allow with a warning.
 */
export function readReview(body: unknown, patience = Number.POSITIVE_INFINITY): AdmissionReview {
  const review = orEmpty(body);
  const request = orEmpty(review.request);
  const uid = textOf(request.uid);
  if (uid === null || uid === '') {
    throw new CodedError(
      'InvalidReview',
      'the body is no AdmissionReview with a request.uid; send what kube-apiserver sends',
    );
  }
  const resource = orEmpty(request.resource);
  const object = isObject(request.object) ? request.object : null;
  const oldObject = isObject(request.oldObject) ? request.oldObject : null;
  // A pod with generateName, and every pod of a deletecollection, comes without a name of its own in the request.
  const metadata = orEmpty((object ?? oldObject)?.metadata);
  return {
    apiVersion: textOf(review.apiVersion) ?? SUPPORTED_VERSION,
    request: {
      uid,
      operation: textOf(request.operation) ?? '',
      group: textOf(resource.group) ?? '',
      resource: textOf(resource.resource) ?? '',
      subResource: textOf(request.subResource) ?? '',
      namespace: textOf(request.namespace) ?? textOf(metadata.namespace) ?? '',
      name: textOf(request.name) ?? textOf(metadata.name) ?? '',
      dryRun: request.dryRun === true,
      patience,
      object,
      oldObject,
    },
  };
}

/** `modelservings.workload.serving.volcano.sh`, as kubectl names a resource. */
export function resourceName({ group, resource }: AdmissionRequest): string {
  if (resource === '') return 'a resource that the review does not name';
  return group === '' ? resource : `${resource}.${group}`;
}

function orEmpty(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
