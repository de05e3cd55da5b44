import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { type Workload, workloadName } from '../../domain/fleet/workload.ts';
import { NOTHING_ASKED } from '../../domain/ordering/facts.ts';
import { listedFirst } from '../../domain/victims/listed-first.ts';
import type { ScaleRequest } from '../../domain/victims/pool.ts';
import { vacancies } from '../../domain/victims/vacancies.ts';
import { type AdapterOptions, NOTHING_READ, type Reading, unforeseen, type WorkloadAdapter } from '../adapter.ts';
import { readIdentity } from '../core/identity.ts';
import { countOr, type JsonObject, objectAt } from '../core/json.ts';
import { poolOf } from '../pool-of.ts';
import { candidateOf } from '../unit.ts';
import { GROUP_LABEL, groupsOf, OWN_GROUP } from './groups.ts';
import { readMembers } from './members.ts';
import { membershipIn } from './membership.ts';
import { fillSortedGroups, readSortedGroups } from './sorted-group-list.ts';

const KIND = 'ResourceScalingGroup';
const RESOURCE = 'resourcescalinggroups';
const IN_PLACE = 'its members are resized by its controller: what goes is chosen for each on its own';

/**
 * openFuyao's proposal: the user's own workloads are group 0, further groups are copies, and a list says which go
 * first.
 */
export const resourceScalingGroup: WorkloadAdapter = {
  kind: KIND,
  group: 'resourcescalinggroup.com',
  versions: ['v1'],
  resource: RESOURCE,
  scalable: true,
  steeredBy: 'sortedGroupList, filled in when the object is updated; through `/scale` nothing',
  readsPodCosts: false,
  read: (object) => readScalingGroup(resourceScalingGroup, object),
  template: templateOf,
  scale: scaleGroups,
  defers: deferred,
  asks: () => NOTHING_ASKED,
  membership: (workload, snapshot) => membershipIn(resourceScalingGroup, workload, snapshot),
  scaleDownList: readSortedGroups,

  listable(workload, snapshot, { groupLabel } = { groupLabel: GROUP_LABEL }) {
    const groups = groupsOf(workload, snapshot, groupLabel).map(({ name }) => name);
    const isWhole = groups.length >= (snapshot.workload(workload)?.replicas ?? Number.POSITIVE_INFINITY);
    return { groups: isWhole ? groups : null, own: OWN_GROUP };
  },

  fillIn(oldObject, object, snapshot, options) {
    const [old, next] = [resourceScalingGroup.read(oldObject), resourceScalingGroup.read(object)];
    return fillSortedGroups(old, next, object, snapshot, options);
  },

  unitsOf: ({ name }) => [name],
};

/** The form that openFuyao publishes: copies without a list, or a leader and followers that are scaled in place. */
export const publishedScalingGroup: WorkloadAdapter = {
  kind: KIND,
  group: 'autoscaling.openfuyao.com',
  versions: ['v1alpha1'],
  resource: RESOURCE,
  scalable: true,
  steeredBy: 'nothing: its own metric chooses a group; what it scales in place is steered on its own',
  readsPodCosts: false,
  read: (object) => readScalingGroup(publishedScalingGroup, object),
  template: templateOf,
  scale: scaleGroups,
  defers: deferred,
  asks: () => NOTHING_ASKED,
  membership: (workload, snapshot) => membershipIn(publishedScalingGroup, workload, snapshot),
  unitsOf: ({ name }) => [name],
};

function readScalingGroup(adapter: WorkloadAdapter, object: JsonObject): Workload {
  const identity = readIdentity(adapter, object);
  const spec = objectAt(object, 'spec');
  const strategy = objectAt(spec, 'scalingStrategy');
  const count =
    spec.replicas ??
    objectAt(strategy, 'groupConfig').replicas ??
    objectAt(strategy, 'leaderFollowerConfig', 'leader').replicas;
  return {
    ...identity,
    replicas: countOr(count, 1),
    members: readMembers(spec, identity.namespace),
    goesFirst: readSortedGroups(object),
  };
}

/** Nothing in it replaces pods: what it binds has templates of its own. */
function templateOf(): null {
  return null;
}

function scaleGroups(
  request: ScaleRequest,
  snapshot: Snapshot,
  now: number,
  { groupLabel }: AdapterOptions = { groupLabel: GROUP_LABEL },
): Reading {
  const { workload, from, to } = request;
  if (isInPlace(workload)) return { ...NOTHING_READ, warnings: to <= from ? [IN_PLACE] : [] };
  const { goesFirst = [] } = workload;
  const groups = groupsOf(workload, snapshot, groupLabel);
  const places = new Map([...goesFirst.entries()].reverse().map(([place, name]) => [name, place]));
  const listed = groups.filter(({ name }) => places.has(name)).length;
  // All that can be said then: whichever goes, it is not known.
  if (to > 0 && listed < from - to) return unforeseen(unlisted(workload));
  const place = (name: string) => places.get(name) ?? goesFirst.length;
  const candidates = groups
    .map(candidateOf)
    .sort(
      (a, b) =>
        place(a.name) - place(b.name) ||
        Number(a.name === OWN_GROUP) - Number(b.name === OWN_GROUP) ||
        b.ordinal - a.ordinal,
    );
  return {
    pools: [poolOf(request, listedFirst, candidates, now)],
    created: vacancies(candidates, to).map((ordinal) => `${workload.name}/group${ordinal}`),
    // At the count that it has, for who asks in which order they would go.
    warnings: to === from && goesFirst.length === 0 ? [unlisted(workload)] : [],
  };
}

function unlisted(workload: Workload): string {
  const { goesFirst = [] } = workload;
  const name = workloadName(workload);
  if (workload.group !== resourceScalingGroup.group)
    return `${name} has no list of groups: its controller chooses by its own metric`;
  return goesFirst.length === 0
    ? `${name} has no sortedGroupList, so its controller chooses; update the object and packdown fills it in, which through /scale nobody can`
    : `${name} loses more groups than its sortedGroupList names of those that there are: its controller chooses the rest`;
}

function deferred(_old: Workload, next: Workload): string | null {
  return isInPlace(next) ? IN_PLACE : null;
}

function isInPlace({ members = [] }: Workload): boolean {
  return members.some(({ perLeader }) => perLeader !== null);
}
