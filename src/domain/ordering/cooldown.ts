import type { Rule } from './rule.ts';
import { describeChange } from './wording.ts';

export const cooldown: Rule = {
  name: 'cooldown',
  mode: 'off',
  refuses: 'a scale-down sooner than limits.cooldown after its newest pod was created, as by a scale-up',
  why: "A model that has just started has cost its start-up and served nobody yet: set limits.cooldown to your model's start-up time.",
  needsFleet: true,

  judge({ next, scalings, facts, cooldown: least }) {
    return scalings.flatMap((change) => {
      const age = facts.observed.get(change.role)?.age ?? null;
      if (age === null || age >= least || !(change.to < change.from)) return [];
      return [
        `${describeChange(change, next)} ${seconds(age)} after its newest pod was created, limits.cooldown is ${seconds(least)}; ` +
          `wait for another ${seconds(least - age)}`,
      ];
    });
  },
};

function seconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 1000)} s`;
}
