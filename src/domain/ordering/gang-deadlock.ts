import type { Rule } from './rule.ts';
import { counted, describeChange, groupNoun } from './wording.ts';

export const gangDeadlock: Rule = {
  name: 'gang-deadlock',
  mode: 'warn',
  refuses: 'a scale-up whose gangs cannot fit in what the fleet has free',
  why: 'A gang starts whole or not at all: those that do not fit wait, and keep what they have reserved from others.',
  needsFleet: true,

  judge({ old, next, facts: { room } }) {
    const [from, to] = [old.replicas, next.replicas];
    if (room === null || !(to - from > room)) return [];
    const fits = room === 0 ? 'scale it later' : `scale to ${from + room} for now`;
    return [
      `${describeChange({ role: null, from, to }, next)}, and what the fleet has free holds at most ${counted(room, groupNoun(next))} more; ` +
        `${fits}, or free nodes first`,
    ];
  },
};
