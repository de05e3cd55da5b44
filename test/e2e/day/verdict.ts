import type { AuditEntry } from '../control-plane/audit.ts';
import { label } from '../kthena-double/model-serving.ts';
import { VICTIMS } from '../steering/verdicts.ts';
import type { PodLife } from './pod-lives.ts';

/** What packdown said would go, admission by admission, against what went. */
export interface DayVerdict {
  /** Requests in whose admission packdown chose victims. */
  readonly scaleDowns: number;
  readonly planned: number;
  readonly gone: number;
  /** Names of pods that went though nobody said so, and of such as stayed though they were to go. */
  readonly unplanned: readonly string[];
  readonly spared: readonly string[];
}

const LWS = 'leaderworkerset.sigs.k8s.io';

/**
 * Of a time at whose end everything has settled. Names of workloads must be told apart by more than what follows a `-`.
 */
export function judgeDay(audit: readonly AuditEntry[], lives: readonly PodLife[]): DayVerdict {
  const deciding = audit.filter(
    ({ annotations, responseStatus, requestURI }) =>
      annotations?.[VICTIMS] !== undefined && (responseStatus?.code ?? 500) < 300 && !requestURI.includes('dryRun'),
  );
  const planned = new Set<PodLife>();
  for (const { annotations, stageTimestamp } of deciding) {
    const units = new Set(annotations?.[VICTIMS]?.split(','));
    const time = Date.parse(stageTimestamp);
    for (const life of lives) {
      // A unit that is made anew goes by the same name.
      const isThere = life.bornAt <= time && (life.goneAt === null || life.goneAt > time);
      if (isThere && units.has(unitOf(life))) planned.add(life);
    }
  }
  const gone = lives.filter(({ goneAt }) => goneAt !== null);
  return {
    scaleDowns: deciding.length,
    planned: planned.size,
    gone: gone.length,
    unplanned: gone.filter((life) => !planned.has(life)).map(({ name }) => name),
    spared: [...planned].filter(({ goneAt }) => goneAt === null).map(({ name }) => name),
  };
}

/** What packdown calls the smallest part of its workload that can go: a group, or the pod itself. */
function unitOf({ name, labels }: PodLife): string {
  const set = labels[`${LWS}/name`];
  return labels[label.group] ?? (set === undefined ? name : `${set}-${labels[`${LWS}/group-index`]}`);
}
