import type { Workload } from '../fleet/workload.ts';
import type { Rule } from './rule.ts';

export const dependencyGraph: Rule = {
  name: 'dependency-graph',
  mode: 'enforce',
  refuses: 'unknown or cyclic role dependencies',
  why: 'The controller starts a role when those it depends on are ready: what waits for nobody there, or for itself, never starts.',
  looksAt: 'roles',

  judge({ old, next }) {
    const before = faultyDependencies(old);
    const brought = [...faultyDependencies(next)].filter(([dependency]) => !before.has(dependency));
    return [...new Set(brought.map(([, sentence]) => sentence))];
  },
};

/** What is wrong, by `role dependency`: all dependencies on one circle have the same sentence. */
function faultyDependencies({ roles }: Workload): ReadonlyMap<string, string> {
  const names = roles.map(({ name }) => name);
  const graph = new Map(roles.map(({ name, dependencies }) => [name, dependencies]));
  const faults = new Map<string, string>();
  for (const { name, dependencies } of roles) {
    for (const dependency of dependencies) {
      const key = `${name} ${dependency}`;
      const back = pathBetween(dependency, name, graph);
      if (!graph.has(dependency)) {
        faults.set(
          key,
          `role ${name} would depend on ${dependency}, which is no role of it; name one of ${names.join(', ')}`,
        );
      } else if (back !== null) {
        const circle = fromFirst(back, names);
        faults.set(
          key,
          `roles would depend on each other in a circle, ${[...circle, circle[0]].join(' → ')}; take one of these dependencies away`,
        );
      }
    }
  }
  return faults;
}

/** The roles on a shortest way along dependencies, both ends included; null when there is none. */
function pathBetween(
  from: string,
  to: string,
  graph: ReadonlyMap<string, readonly string[]>,
): readonly string[] | null {
  const paths: (readonly string[])[] = [[from]];
  const seen = new Set([from]);
  for (const path of paths) {
    const last = path.at(-1) ?? from;
    if (last === to) return path;
    for (const next of graph.get(last) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      paths.push([...path, next]);
    }
  }
  return null;
}

/** The same circle, told from the role that stands first in the object. */
function fromFirst(circle: readonly string[], names: readonly string[]): readonly string[] {
  const first = names.find((name) => circle.includes(name)) ?? '';
  const at = circle.indexOf(first);
  return [...circle.slice(at), ...circle.slice(0, at)];
}
