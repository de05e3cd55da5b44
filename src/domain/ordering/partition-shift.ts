import { type Role, resolvePartition } from '../fleet/workload.ts';
import type { Rule } from './rule.ts';
import { counted, groupNoun } from './wording.ts';

export const partitionShift: Rule = {
  name: 'partition-shift',
  mode: 'warn',
  refuses: 'a percent partition that, taken of the new count, exposes what it protected',
  why: 'A percentage protects less of less: replicas that were held back at their revision would roll because of a scale-down.',

  judge({ old, next }) {
    const roles = next.roles.flatMap((role) => {
      const before = old.roles.find(({ name }) => name === role.name);
      return before === undefined ? [] : sentence(before, role, 'replica', ` of role ${role.name}`);
    });
    return [...sentence(old, next, groupNoun(next), ''), ...roles];
  },
};

type Partitioned = Pick<Role, 'replicas' | 'partition'>;

/** Only what the count exposes counts: a percentage that is lowered on purpose was meant. */
function sentence(before: Partitioned, after: Partitioned, noun: string, of: string): readonly string[] {
  const { partition, replicas } = after;
  if (partition?.kind !== 'percent') return [];
  const was = Math.min(
    resolvePartition(before.partition, before.replicas),
    resolvePartition(partition, before.replicas),
  );
  const stays = Math.min(was, replicas);
  const still = resolvePartition(partition, replicas);
  if (!(stays > still)) return [];
  return [
    `the partition${of} of ${partition.value}% protected ${counted(was, noun)} and would protect ${still} of the ${replicas} that stay; ` +
      `write it as ${stays} in the same update: a number does not move with the count`,
  ];
}
