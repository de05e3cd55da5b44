import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { hasUid, type Workload, workloadName } from '../domain/fleet/workload.ts';
import { countChanges } from '../domain/ordering/count-changes.ts';
import {
  type Facts,
  type Membership,
  NOTHING_KNOWN,
  type OwnersWill,
  type ScaleDownList,
} from '../domain/ordering/facts.ts';
import type { AdapterOptions } from './adapter.ts';
import { gangRoom, isGang } from './gang-room.ts';
import { observe } from './observe.ts';
import { keyOf, ownersOf } from './owners-above.ts';
import { adapterOf, adapterOfKind, adapters } from './registry.ts';
import { type Scalers, scalersAfter } from './scalers.ts';

export interface Gathered {
  readonly facts: Facts;
  /** What could not be looked up, though it should be there. */
  readonly warnings: readonly string[];
}

/** The list that an object holds before and after a change of it. */
export type ListChange = Pick<ScaleDownList, 'before' | 'after'>;

/** What the fleet knows of a change that the ordering rules ask for; `now` is milliseconds since the epoch. */
export function gatherFacts(
  old: Workload,
  next: Workload,
  list: ListChange | null,
  snapshot: Snapshot,
  now: number,
  options?: AdapterOptions,
): Gathered {
  const adapter = adapterOf(next);
  const growth = next.replicas - old.replicas;
  const { observed, pools } = observe(next, countsToSee(old, next), snapshot, now, options);
  const scalers = scalersAfter(old, next, snapshot);
  const { owner, warnings } = ownersWill(next, scalers, snapshot);
  return {
    facts: {
      owner,
      scalers: namesOf(scalers),
      memberOf: membershipOf(next, snapshot),
      observed,
      revision: adapter.revision?.(next, snapshot) ?? null,
      anchorRole: adapter.anchorRole?.(next) ?? null,
      room: growth > 0 ? gangRoom(next, growth, pools, snapshot) : null,
      rolesAreTemplates: adapter.rolesAreTemplates === true,
      scaleDownList: list && {
        ...list,
        ...(adapter.listable?.(next, snapshot, options) ?? { groups: null, own: null }),
      },
    },
    warnings,
  };
}

/** Most workloads have none. */
function namesOf(scalers: Scalers): Facts['scalers'] {
  if (scalers.size === 0) return NOTHING_KNOWN.scalers;
  return new Map([...scalers].map(([role, scaler]) => [role, workloadName(scaler)]));
}

/** The counts that change, the roles that those which grow depend on, and all of a gang's that grows. */
function countsToSee(old: Workload, next: Workload): ReadonlySet<string | null> {
  const changed = countChanges(old, next).map(({ role }) => role);
  const counts = new Set(changed);
  for (const { name, dependencies } of next.roles) {
    if (changed.includes(name)) for (const role of dependencies) counts.add(role);
  }
  if (next.replicas > old.replicas && isGang(next)) for (const { name } of next.roles) counts.add(name);
  return counts;
}

/**
 * What the owner asks for, if it is of a kind that packdown knows; one that the fleet does not show may ask anything.
 */
function ownersWill(
  workload: Workload,
  scalers: Scalers,
  snapshot: Snapshot,
): { readonly owner: OwnersWill | null; readonly warnings: readonly string[] } {
  const found = ownerAbove(workload, snapshot);
  const areCopied = scalers.size > 0 && adapterOf(workload).copiesScalers === true;
  return areCopied ? { ...found, owner: withScalers(found.owner, [...scalers]) } : found;
}

function ownerAbove(
  workload: Workload,
  snapshot: Snapshot,
): { readonly owner: OwnersWill | null; readonly warnings: readonly string[] } {
  const { owner, namespace, target } = workload;
  // A scaler is owned by what it scales, and asks instead of being asked.
  if (target !== undefined || owner === null) return { owner: null, warnings: [] };
  if (owner.kind === 'Pod') return { owner: leadersWill(workload, snapshot), warnings: [] };
  const key = keyOf(owner, namespace);
  const adapter = adapterOfKind(key.group, key.kind);
  if (adapter === undefined) return { owner: null, warnings: [] };
  const name = workloadName(key);
  const known = snapshot.workload(key);
  if (known !== undefined && hasUid(known, owner.uid)) {
    const asks = adapter.asks?.(workload, known, snapshot) ?? null;
    const scaler = adapter.scalerOf?.(workload, known, snapshot);
    const will: OwnersWill = {
      name: scaler === undefined ? name : workloadName(scaler),
      asks,
      ...(adapter.givesRoles && { roles: known.roles }),
      ...(adapter.passesZero && { passesZero: true }),
    };
    return { owner: will, warnings: [] };
  }
  const warning = `${name}, which owns ${workloadName(workload)}, is not in the fleet (yet): allowed without a look at what it asks for`;
  return { owner: { name, asks: null }, warnings: [warning] };
}

/** A pod that owns a workload leads a group, and what the group is of asks: null where the fleet does not show it. */
function leadersWill(workload: Workload, snapshot: Snapshot): OwnersWill | null {
  const asking = ownersOf(workload, snapshot).find((owner) => adapterOf(owner).asks !== undefined);
  if (asking === undefined) return null;
  const asks = adapterOf(asking).asks?.(workload, asking, snapshot) ?? null;
  const name = workloadName(asking);
  return { name, asks, wayOut: `change the size of the groups of ${name} instead` };
}

/** With what the scalers of a workload's roles ask for: its own controller carries them out. */
function withScalers(owner: OwnersWill | null, scalers: readonly (readonly [string, Workload])[]): OwnersWill {
  const counts = scalers.map(([role, { replicas }]): [string, number] => [role, replicas]);
  if (owner === null) {
    const name = scalers.map(([, scaler]) => workloadName(scaler)).join(', ');
    return { name, asks: { replicas: null, roles: new Map(counts) } };
  }
  // Which of both asked for what comes cannot be told where one of them may ask anything.
  if (owner.asks === null) return owner;
  return { ...owner, asks: { ...owner.asks, roles: new Map([...owner.asks.roles, ...counts]) } };
}

const SCALING_OTHERS = adapters.filter(({ membership }) => membership !== undefined);

function membershipOf(workload: Workload, snapshot: Snapshot): Membership | null {
  for (const adapter of SCALING_OTHERS) {
    const membership = adapter.membership?.(workload, snapshot) ?? null;
    if (membership !== null) return membership;
  }
  return null;
}
