import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import type { Pool, ScaleRequest } from '../domain/victims/pool.ts';
import type { JsonObject } from './core/json.ts';

/** What a scale request means for one workload as the fleet has it now. */
export interface Reading {
  readonly pools: readonly Pool[];
  /** What a scale-up creates, by name; empty where names are random. */
  readonly created: readonly string[];
  readonly warnings: readonly string[];
}

/** What packdown knows of one kind: how to read its objects, and what its controller does on a change of replicas. */
export interface WorkloadAdapter {
  readonly kind: string;
  /** The API group, '' for the core group. */
  readonly group: string;
  /** The plural in the API's paths. */
  readonly resource: string;
  /** Whether its controller reads pod-deletion-cost on the pods it owns. */
  readonly readsPodCosts: boolean;
  read(object: JsonObject): Workload;
  /** The part of the object whose change replaces pods instead of counting them. */
  template(object: JsonObject): unknown;
  /** `request.workload` is the workload as it will be; `now` is milliseconds since the epoch. */
  scale(request: ScaleRequest, snapshot: Snapshot, now: number): Reading;
  /** Why nothing is steered when this object changes from `old` to `next`; null when it is the moment to. */
  defers?(old: Workload, next: Workload): string | null;
  /** The units that a pod goes with, as marks name them: itself, or its role replica and its group. */
  unitsOf(pod: Pod): readonly string[];
  /** The name of the workload that a pod without an owner reference belongs to, by its labels. */
  nameFromLabels?(pod: Pod): string | null;
}
