import type { Workload } from '../fleet/workload.ts';
import { replicasOf } from './count-changes.ts';
import { areCountedApart, type Facts } from './facts.ts';
import type { Rule } from './rule.ts';
import { bothToZero, scalerOf } from './wording.ts';

export const dependencyZero: Rule = {
  name: 'dependency-zero',
  mode: 'enforce',
  refuses: 'a role at zero while a role that depends on it is not',
  why: 'The controller takes a role at zero for a ready one, so its dependents run, hold their GPUs and find nobody to talk to.',
  looksAt: 'roles',

  judge({ old, next, facts }) {
    const before = new Set(brokenDependencies(old).map(pairOf));
    return brokenDependencies(next)
      .filter((broken) => !before.has(pairOf(broken)))
      .map(
        (broken) =>
          `role ${broken.dependency} would have 0 replicas per group and role ${broken.dependent}, which depends on it, ${broken.replicas}; ` +
          wayOut(broken, old, facts),
      );
  },
};

interface BrokenDependency {
  readonly dependent: string;
  readonly dependency: string;
  /** Of the dependent. */
  readonly replicas: number;
}

/** Of two roles that no single update changes, one goes first. */
function wayOut({ dependent, dependency }: BrokenDependency, old: Workload, facts: Facts): string {
  if (!areCountedApart([dependent, dependency], facts)) return bothToZero(dependency);
  const isOnItsWayOut = (replicasOf(old, dependency) ?? 0) > 0;
  return isOnItsWayOut
    ? `scale ${scalerOf(dependent, facts)} to 0 first, or keep at least 1 replica of ${dependency}`
    : `scale ${scalerOf(dependency, facts)} to 1 or more first`;
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
