import { isDeepStrictEqual } from 'node:util';
import { LIST_OWNER } from '../../domain/fleet/annotations.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { type Workload, workloadName } from '../../domain/fleet/workload.ts';
import { sumScores } from '../../domain/score/pod-score.ts';
import type { FillIn, FillInOptions } from '../adapter.ts';
import { isObject, type JsonObject, listTexts, objectAt } from '../core/json.ts';
import { addAnnotations, type JsonPatch } from '../core/json-patch.ts';
import type { Unit } from '../unit.ts';
import { groupsOf, OWN_GROUP } from './groups.ts';

const NOTHING: FillIn = { patch: [], warnings: [] };

/** The groups that go first, in the order in which they do; empty where nobody has said. */
export function readSortedGroups(object: JsonObject): readonly string[] {
  return listTexts(objectAt(object, 'spec', 'scalingGroupTask'), 'sortedGroupList');
}

/**
 * Fills in which groups a scale-in deletes first: those with the lowest score, as Kthena's binpack proposal has it, and
 * the user's own resources last. A list that somebody else wrote is left alone.
 */
export function fillSortedGroups(
  old: Workload,
  next: Workload,
  object: JsonObject,
  snapshot: Snapshot,
  { groupLabel, scoreOf }: FillInOptions,
): FillIn {
  const given = readSortedGroups(object);
  const isOurs = given.length === 0 || next.annotations[LIST_OWNER] === given.join(',');
  if (!(next.replicas < old.replicas) || !isOurs) return NOTHING;
  const groups = groupsOf(next, snapshot, groupLabel);
  const copies = groups.filter(({ name }) => name !== OWN_GROUP);
  if (copies.length < old.replicas - Math.max(1, next.replicas)) {
    const found = `${copies.length} of its ${old.replicas - 1} copies are in the fleet by the label ${groupLabel}`;
    return { patch: [], warnings: [`sortedGroupList of ${workloadName(next)} is left alone: ${found}`] };
  }
  const score = new Map(copies.map((group) => [group, sumScores(group.pods, scoreOf)]));
  const stays = ({ pods }: Unit) => Number(pods.length === 0 || pods.some(({ deleting }) => !deleting));
  const order = [...copies].sort(
    (a, b) => stays(a) - stays(b) || (score.get(a) ?? 0) - (score.get(b) ?? 0) || b.ordinal - a.ordinal,
  );
  const list = [...order.map(({ name }) => name), OWN_GROUP];
  return isDeepStrictEqual(list, given) ? NOTHING : { patch: patchOf(object, list), warnings: [] };
}

function patchOf(object: JsonObject, list: readonly string[]): JsonPatch {
  const path = '/spec/scalingGroupTask';
  return [
    isObject(objectAt(object, 'spec').scalingGroupTask)
      ? { op: 'add', path: `${path}/sortedGroupList`, value: list }
      : { op: 'add', path, value: { sortedGroupList: list } },
    ...addAnnotations(isObject(objectAt(object, 'metadata').annotations), { [LIST_OWNER]: list.join(',') }),
  ];
}
