import type { Workload } from '../fleet/workload.ts';
import type { Rule } from './rule.ts';
import { abridged, CHOICES } from './wording.ts';

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
  const known = abridged(names, CHOICES);
  const graph = new Map(roles.map(({ name, dependencies }) => [name, new Set(dependencies)]));
  const ways = new Map<string, ReadonlyMap<string, string>>();
  const faults = new Map<string, string>();
  for (const { name, dependencies } of roles) {
    for (const dependency of new Set(dependencies)) {
      const key = `${name} ${dependency}`;
      if (!graph.has(dependency)) {
        faults.set(key, `role ${name} would depend on ${dependency}, which is no role of it; name one of ${known}`);
        continue;
      }
      const from = ways.get(dependency) ?? waysFrom(dependency, graph);
      ways.set(dependency, from);
      const back = wayTo(name, dependency, from);
      if (back === null) continue;
      const circle = fromFirst(back, names);
      faults.set(
        key,
        `roles would depend on each other in a circle, ${[...circle, circle[0]].join(' → ')}; take one of these dependencies away`,
      );
    }
  }
  return faults;
}

/** By each role that can be reached along dependencies, the one before it on a shortest way. */
function waysFrom(start: string, graph: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, string> {
  const before = new Map<string, string>();
  const reached = [start];
  for (const role of reached) {
    for (const next of graph.get(role) ?? []) {
      if (next === start || before.has(next)) continue;
      before.set(next, role);
      reached.push(next);
    }
  }
  return before;
}

/** The roles on a shortest way, both ends included; null when there is none. */
function wayTo(end: string, start: string, before: ReadonlyMap<string, string>): readonly string[] | null {
  const way = [end];
  for (let role = end; role !== start; ) {
    const previous = before.get(role);
    if (previous === undefined) return null;
    way.push(previous);
    role = previous;
  }
  return way.reverse();
}

/** The same circle, told from the role that stands first in the object. */
function fromFirst(circle: readonly string[], names: readonly string[]): readonly string[] {
  const first = names.find((name) => circle.includes(name)) ?? '';
  const at = circle.indexOf(first);
  return [...circle.slice(at), ...circle.slice(0, at)];
}
