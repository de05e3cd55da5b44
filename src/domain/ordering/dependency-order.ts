import type { Rule } from './rule.ts';
import { describeChange } from './wording.ts';

export const dependencyOrder: Rule = {
  name: 'dependency-order',
  mode: 'warn',
  refuses: 'a dependent scaled up while its dependency is not ready',
  why: 'The new replicas wait for the dependency, or run without it, and hold their GPUs meanwhile.',
  looksAt: 'roles',
  needsFleet: true,

  judge({ next, scalings, facts }) {
    return scalings.flatMap((change) => {
      const scaled = next.roles.find(({ name }) => name === change.role);
      if (scaled === undefined || !(change.to > change.from)) return [];
      return [...new Set(scaled.dependencies)].flatMap((dependency) => {
        const seen = facts.observed.get(dependency);
        if (seen === undefined || seen.ready >= seen.wanted) return [];
        return [
          `${describeChange(change, next)} while role ${dependency}, which it depends on, has ${seen.ready} of ${seen.wanted} replicas ready; ` +
            `wait until ${dependency} is ready`,
        ];
      });
    });
  },
};
