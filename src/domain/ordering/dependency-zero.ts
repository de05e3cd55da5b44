import type { Workload } from '../fleet/workload.ts';
import { replicasOf } from './count-changes.ts';
import type { Rule } from './rule.ts';

export const dependencyZero: Rule = {
  name: 'dependency-zero',
  mode: 'enforce',
  refuses: 'a role at zero while a role that depends on it is not',
  why: 'The controller takes a role at zero for a ready one, so its dependents run, hold their GPUs and find nobody to talk to.',
  looksAt: 'roles',

  judge({ old, next }) {
    const before = brokenDependencies(old).map(pairOf);
    return brokenDependencies(next)
      .filter((broken) => !before.includes(pairOf(broken)))
      .map(
        ({ dependent, dependency, replicas }) =>
          `role ${dependency} would have 0 replicas per group and role ${dependent}, which depends on it, ${replicas}; ` +
          `scale both to 0 in one update, or keep at least 1 replica of ${dependency}`,
      );
  },
};

interface BrokenDependency {
  readonly dependent: string;
  readonly dependency: string;
  /** Of the dependent. */
  readonly replicas: number;
}

function brokenDependencies(workload: Workload): readonly BrokenDependency[] {
  return workload.roles.flatMap(({ name, replicas, dependencies }) =>
    [...new Set(dependencies)]
      .filter((dependency) => replicas > 0 && replicasOf(workload, dependency) === 0)
      .map((dependency) => ({ dependent: name, dependency, replicas })),
  );
}

function pairOf({ dependent, dependency }: BrokenDependency): string {
  return `${dependent} ${dependency}`;
}
