/** A body of which a part was cut out, so that it need not be read as JSON. */
export interface CutBody {
  /** What is left of it, as JSON. */
  readonly json: string;
  /** What `handle` gets, of what was parsed. */
  whole(parsed: unknown): unknown;
}

/** One path that is answered to POST. */
export interface Route {
  readonly path: string;
  /** Bytes; a longer body is answered 413. */
  readonly bodyLimit: number;
  /** Cuts out of a body what it knows how to read faster than as JSON; null where the body is not as it knows it. */
  cut?(body: Buffer): CutBody | null;
  /**
   * Gets the parsed JSON body, and for how many milliseconds its caller waits; gives the value, or a promise of it,
   * that is sent as JSON with status 200; a Buffer is sent as it is. A CodedError that it throws is answered 400 with
   * its code, anything else 500.
   */
  handle(body: unknown, patience: number): unknown;
}

const MIB = 1024 * 1024;

/**
 * An AdmissionReview carries the object twice, and etcd takes 1.5 MiB an object; the apiserver itself reads up to 3
 * MiB.
 */
export const ADMISSION_BODY_LIMIT = 8 * MIB;

/** With nodeCacheCapable off the scheduler sends whole nodes: 62 MB for 5,000 of them. */
export const SCHEDULER_BODY_LIMIT = 64 * MIB;
