import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { Workload } from '../../domain/fleet/workload.ts';
import type { ScaleRequest } from '../../domain/victims/pool.ts';
import { missingOrdinals } from '../../domain/victims/vacancies.ts';
import type { Reading } from '../adapter.ts';
import { areReady, ordinalPool } from '../ordinal-pool.ts';
import { podsUnder } from '../owned-pods.ts';

/**
 * Replicas of a PodCliqueSet or PodCliqueScalingGroup: everything that it owns is called `<its name>-<replica>-…`. The
 * highest replica goes.
 */
export function scaleReplicas(request: ScaleRequest, snapshot: Snapshot, now: number): Reading {
  const { uid, name } = request.workload;
  const children = snapshot.workloadsOf(uid).map((child) => ({ child, replica: replicaOf(name, child) }));
  const units = [...Map.groupBy(children, ({ replica }) => replica)].flatMap(([ordinal, members]) => {
    if (ordinal === -1) return [];
    const pods = members.flatMap(({ child }) => podsUnder(child.uid, snapshot));
    return [{ name: `${name}-${ordinal}`, ordinal, pods, ready: areReady(pods, 1) }];
  });
  const ordinals = units.map(({ ordinal }) => ordinal);
  return {
    pools: [ordinalPool(request, units, now)],
    created: missingOrdinals(ordinals, request.to).map((ordinal) => `${name}-${ordinal}`),
    warnings: [],
  };
}

/** The replica that a child belongs to, −1 for one whose name says none. */
function replicaOf(owner: string, { name }: Workload): number {
  if (!name.startsWith(`${owner}-`)) return -1;
  const [, replica] = /^(\d+)-/.exec(name.slice(owner.length + 1)) ?? [];
  return replica === undefined ? -1 : Number(replica);
}
