import type { JsonObject } from '../../workloads/core/json.ts';

/**
 * What is watched and who hears of it. `T` is the little that is kept of an object, so that pages of whole ones are
 * garbage at once.
 */
export interface WatchedResource<T> {
  /** The plural, for the log. */
  readonly name: string;
  /** Which objects of the resource; all of them where it is left out. */
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** Whether a cluster may do without, as of a CRD. */
  readonly isOptional?: boolean;
  /** Where it is listed; null while the apiserver does not serve it. */
  path(signal: AbortSignal): Promise<string | null>;
  /** Throws for an object that can't be read: it is logged and left out. */
  read(object: JsonObject): T;
  /** These are all there are: what is not among them is gone. */
  replaced(items: readonly T[]): void;
  changed(item: T): void;
  deleted(object: JsonObject): void;
  /** All that happened up to this resourceVersion has been told, or is told at once. */
  reached?(resourceVersion: string): void;
}

/**
 * What is known of a resource: `unknown` until it has been listed, or `unavailable` where the apiserver could not list
 * one that a cluster may do without, nor say whether it serves it; `absent` while it does not.
 */
export type Knowledge = 'unknown' | 'unavailable' | 'absent' | 'listed';
