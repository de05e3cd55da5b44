import type { Rule } from './rule.ts';
import { counted } from './wording.ts';

export const workerResize: Rule = {
  name: 'worker-resize',
  mode: 'warn',
  refuses: 'a change of worker count while groups exist',
  why: 'It changes the template of every role replica: that is a rollout of every group, not a scaling.',
  looksAt: 'roles',

  judge({ old, next }) {
    if (!(old.replicas > 0 && next.replicas > 0)) return [];
    return next.roles.flatMap(({ name, workers }) => {
      const before = old.roles.find((role) => role.name === name);
      if (before === undefined || Object.is(before.workers, workers)) return [];
      return [
        `role ${name} goes from ${before.workers} to ${counted(workers, 'worker')} per replica, which rolls every group and scales none; ` +
          'change replicas instead, or plan it as a rollout',
      ];
    });
  },
};
