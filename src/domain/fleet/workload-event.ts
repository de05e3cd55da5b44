/** An object as an Event refers to it. */
export interface EventObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What became of a change of replicas, in words that do not change: people select Events by them. */
export const EVENT_REASONS = [
  'SteeredScaleDown',
  'UnsteeredScaleDown',
  'ObservedScaleDown',
  'RefusedReplicaChange',
] as const;
export type EventReason = (typeof EVENT_REASONS)[number];

/** Something that happened to a workload, as `kubectl describe` shows it. */
export interface WorkloadEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: EventReason;
  /** What packdown did. */
  readonly action: 'Steer' | 'Observe' | 'Refuse';
  readonly regarding: EventObject;
  /** What was really changed, where that is another object. */
  readonly related: EventObject | null;
  readonly note: string;
}

/** One Event in the cluster, and how often the same has happened since. Times are milliseconds since the epoch. */
export interface EventRecord {
  readonly event: WorkloadEvent;
  /** Of the Event object. */
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** `dropped`: too many were waiting. */
export type EventOutcome = 'written' | 'dropped' | 'failed';

/** Where Events go. */
export interface EventSink {
  /** Creates an Event, or brings its count up to date. Never rejects; takes as long as the apiserver does. */
  write(record: EventRecord): Promise<EventOutcome>;
}
