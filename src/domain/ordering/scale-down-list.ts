import type { ScaleDownList } from './facts.ts';
import type { Rule } from './rule.ts';
import { abridged, CHOICES } from './wording.ts';

export const scaleDownList: Rule = {
  name: 'scale-down-list',
  mode: 'enforce',
  refuses:
    "a sortedGroupList with unknown or repeated groups, or with group0, the user's own resources, before the last place",
  why: 'The next scale-down deletes from the front of the list: a wrong name deletes nothing or the wrong group, and group0 is what everything else is a copy of.',
  needsFleet: true,

  judge({ facts }) {
    const list = facts.scaleDownList;
    if (list === null) return [];
    const { before, after } = list;
    const brought = (faulty: (names: readonly string[]) => readonly string[]) => {
      const known = new Set(faulty(before));
      return faulty(after).filter((name) => !known.has(name));
    };
    const unknown = brought((names) => unknownIn(names, list.groups));
    return [
      ...unknown.map(
        (name) =>
          `sortedGroupList would name ${name}, which is no group of it; its groups are ${abridged(list.groups ?? [], CHOICES) || 'none'}`,
      ),
      ...brought(repeatedIn).map((name) => `sortedGroupList would name ${name} more than once; name every group once`),
      ...ownTooEarly(list),
    ];
  },
};

function unknownIn(names: readonly string[], groups: readonly string[] | null): readonly string[] {
  const known = new Set(groups);
  return groups === null ? [] : [...new Set(names)].filter((name) => !known.has(name));
}

function repeatedIn(names: readonly string[]): readonly string[] {
  return [...Map.groupBy(names, (name) => name)].filter(([, { length }]) => length > 1).map(([name]) => name);
}

function ownTooEarly({ before, after, own }: ScaleDownList): readonly string[] {
  if (own === null || placesBehind(own, after) <= placesBehind(own, before)) return [];
  return [
    `sortedGroupList would have ${own} in place ${after.indexOf(own) + 1} of ${after.length}, and it holds the resources that the others are copies of; ` +
      'put it last, or leave it out',
  ];
}

/** How many places come after the first one of a name; 0 for a name that is last or not there. */
function placesBehind(name: string, names: readonly string[]): number {
  return names.includes(name) ? names.length - 1 - names.indexOf(name) : 0;
}
