import type { Pod } from '../../domain/fleet/pod.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { ScaleRequest } from '../../domain/victims/pool.ts';
import { missingOrdinals } from '../../domain/victims/vacancies.ts';
import type { Reading } from '../adapter.ts';
import { ordinalOf } from '../core/ordinals.ts';
import { groupsOf } from '../lws/groups.ts';
import { NAME as SET } from '../lws/labels.ts';
import { areReady, ordinalPool, type Unit } from '../ordinal-pool.ts';
import { podsUnder } from '../owned-pods.ts';

/** Labels that the DisaggregatedSet controller puts on pods, by the templates of the LeaderWorkerSets that it makes. */
export const SET_NAME = 'disaggregatedset.x-k8s.io/name';
export const ROLE = 'disaggregatedset.x-k8s.io/role';
const SLICE = 'disaggregatedset.x-k8s.io/slice';

/** A DisaggregatedSet as far as its slices are concerned. */
interface SetOfSlices {
  readonly uid: string;
  readonly name: string;
}

/** Slices are deleted whole, the highest first. */
export function scaleSlices(set: SetOfSlices, request: ScaleRequest, snapshot: Snapshot, now: number): Reading {
  const slices = slicesOf(set, snapshot);
  const ordinals = slices.map(({ ordinal }) => ordinal);
  return {
    pools: [ordinalPool(request, slices, now)],
    created: missingOrdinals(ordinals, request.to).map((ordinal) => `${set.name}-${ordinal}`),
    warnings: [],
  };
}

/** One pool a slice: each has a LeaderWorkerSet of its own for the role, which loses its highest group indexes. */
export function scaleRole(
  set: SetOfSlices,
  role: string,
  request: ScaleRequest,
  snapshot: Snapshot,
  now: number,
): Reading {
  const warnings: string[] = [];
  const created: string[] = [];
  // Those of a new revision are there before their first pods.
  const owned = snapshot.workloadsOf(set.uid).filter(({ target }) => target === undefined);
  const pools = slicesOf(set, snapshot).flatMap(({ name: slice, pods }) => {
    const members = pods.filter(({ labels }) => labels[ROLE] === role);
    const carriers = owned.filter(({ labels }) => labels[ROLE] === role && nameOfSlice(set, labels) === slice);
    const sets = new Set([...members.map(({ labels }) => labels[SET]), ...carriers.map(({ name }) => name)]);
    if (sets.size > 1) {
      warnings.push(
        `role ${role} of ${slice} is in the middle of a rollout: how many each revision loses is decided later`,
      );
      return [];
    }
    const replicas = groupsOf(members, 1).map((group): Unit => {
      const replica = `${role}-${group.ordinal}`;
      return { ...group, name: replica, group: slice, role, replica };
    });
    const ordinals = replicas.map(({ ordinal }) => ordinal);
    created.push(
      ...missingOrdinals(ordinals, request.to).map((ordinal) => `${[...sets][0] ?? `${slice}-${role}`}-${ordinal}`),
    );
    return [ordinalPool(request, replicas, now)];
  });
  return { pools, created, warnings };
}

/** `<set>-<slice>`. */
export function sliceNameOf({ labels }: Pod): string {
  return `${labels[SET_NAME]}-${sliceOf(labels)}`;
}

function nameOfSlice({ name }: SetOfSlices, labels: Readonly<Record<string, string>>): string {
  return `${name}-${sliceOf(labels)}`;
}

/** The slice that labels tell, as text: objects from before there were slices have none and are slice 0. */
export function sliceOf(labels: Readonly<Record<string, string>>): string {
  return labels[SLICE] ?? '0';
}

function slicesOf({ uid, name }: SetOfSlices, snapshot: Snapshot): readonly Unit[] {
  return [...Map.groupBy(podsUnder(uid, snapshot), ({ labels }) => ordinalOf(sliceOf(labels)))].map(
    ([ordinal, pods]) => ({ name: `${name}-${ordinal}`, ordinal, pods, ready: areReady(pods, 1) }),
  );
}
