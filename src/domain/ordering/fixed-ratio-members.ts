import type { Rule } from './rule.ts';
import { describeChange } from './wording.ts';

export const fixedRatioMembers: Rule = {
  name: 'fixed-ratio-members',
  mode: 'enforce',
  refuses: 'one target of a ResourceScalingGroup scaled on its own',
  why: 'Its targets, prefill and decode, scale together at a fixed ratio: one alone leaves the other idle or overrun.',
  needsFleet: true,

  judge({ old, next, facts: { memberOf } }) {
    const [from, to] = [old.replicas, next.replicas];
    if (memberOf === null || Object.is(from, to)) return [];
    const { name, asks } = memberOf;
    if (asks !== null && !(Math.abs(to - asks) > Math.abs(from - asks))) return [];
    const asked = asks === null ? '' : `, and asks ${asks} of this one`;
    return [
      `${describeChange({ role: null, from, to }, next)}, but ${name} scales its targets together${asked}; ` +
        `scale ${name} instead, or take this out of its targets first`,
    ];
  },
};
