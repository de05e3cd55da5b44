import { resolvePartition } from '../fleet/workload.ts';
import type { Rule } from './rule.ts';
import { counted, describeChange } from './wording.ts';

export const roleUnderPartition: Rule = {
  name: 'role-under-partition',
  mode: 'warn',
  refuses: 'a role scaled while a group partition protects groups',
  why: 'Protected groups keep the role replicas of their own revision, so groups of two shapes would serve side by side.',
  looksAt: 'roles',

  judge({ old, next, scalings }) {
    const protects = Math.min(resolvePartition(next.partition, next.replicas), next.replicas, old.replicas);
    const scaled = scalings.filter(({ role }) => role !== null);
    if (!(protects > 0) || scaled.length === 0) return [];
    return [
      `${scaled.map((change) => describeChange(change, next)).join(', ')}, but the partition protects the first ${counted(protects, 'group')}, which will not follow; ` +
        'lower the partition first, or scale groups instead',
    ];
  },
};
