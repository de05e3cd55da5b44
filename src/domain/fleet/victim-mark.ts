/** What a pod's `packdown.io/victim` says: which unit of its workload is to go, and since when. */
export interface VictimMark {
  /** A pod's name, a group's name, or `<group>/<role id>`. */
  readonly unit: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Reads `<unit>@<RFC 3339 time>`, e.g. `chat-1@2026-11-23T18:00:00.000Z`; null for anything else. */
export function readVictimMark(text: string | undefined): VictimMark | null {
  const at = text?.lastIndexOf('@') ?? -1;
  if (text === undefined || at <= 0) return null;
  const since = Date.parse(text.slice(at + 1));
  return Number.isNaN(since) ? null : { unit: text.slice(0, at), since };
}

/** What stands in the annotation `packdown.io/victim`, e.g. `chat-1@2026-01-02T03:04:05.000Z`. */
export function formatVictimMark({ unit, since }: VictimMark): string {
  return `${unit}@${new Date(since).toISOString()}`;
}
