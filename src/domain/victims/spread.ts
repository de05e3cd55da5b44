import { isSelected } from '../fleet/label-selector.ts';
import { isActive, type Pod } from '../fleet/pod.ts';
import type { Snapshot } from '../fleet/snapshot.ts';
import type { SpreadConstraint } from '../fleet/spread-constraint.ts';
import type { Spread } from '../planner/problem.ts';
import { excess } from '../planner/spread-balance.ts';
import type { Candidate } from './pool.ts';

/** Where the pods are that one constraint counts. */
export interface Spreading {
  readonly constraint: SpreadConstraint;
  /** The values of its label, in order. */
  readonly domains: readonly string[];
  /** How many pods each domain holds. */
  readonly counts: readonly number[];
  /** The index of the domain of a pod that it counts; null for any other. */
  domainOf(pod: Pod): number | null;
}

/**
 * Every constraint that pods of these candidates declare, with all pods of their controllers that it counts, as the
 * scheduler counts them: neither finished nor on their way out, in the domains of all nodes where such a pod may be.
 */
export function spreadingOf(candidates: readonly Candidate[], snapshot: Snapshot): readonly Spreading[] {
  const constraints = new Map<string, { readonly constraint: SpreadConstraint; readonly pod: Pod }>();
  const seen = new Set<Pod['spread']>();
  for (const { pods } of candidates) {
    for (const pod of pods) {
      if (pod.spread.length === 0 || seen.has(pod.spread)) continue;
      seen.add(pod.spread);
      for (const constraint of pod.spread)
        constraints.set(`${pod.namespace} ${JSON.stringify(constraint)}`, { constraint, pod });
    }
  }
  if (constraints.size === 0) return [];
  const controllers = new Set(
    candidates.flatMap(({ pods }) => pods.flatMap(({ controller }) => controller?.uid ?? [])),
  );
  const all = [...controllers].flatMap((uid) => snapshot.podsOf(uid));
  return [...constraints.values()].map(({ constraint, pod }) =>
    spread(
      constraint,
      all.filter(({ namespace }) => namespace === pod.namespace),
      snapshot,
    ),
  );
}

function spread(constraint: SpreadConstraint, pods: readonly Pod[], snapshot: Snapshot): Spreading {
  const { topologyKey, counted, nodes } = constraint;
  const byNode = new Map<string, string>();
  for (const { name, labels } of snapshot.nodes()) {
    const domain = labels[topologyKey];
    if (domain !== undefined && nodes.some((selector) => isSelected(labels, selector))) byNode.set(name, domain);
  }
  const domains = [...new Set(byNode.values())].sort();
  const numbers = new Map(domains.map((domain, number) => [domain, number]));
  const domainOf = (pod: Pod) => {
    if (counted === null || !isActive(pod) || !isSelected(pod.labels, counted)) return null;
    return numbers.get(byNode.get(pod.node ?? '') ?? '') ?? null;
  };
  const counts = domains.map(() => 0);
  for (const pod of pods) {
    const domain = domainOf(pod);
    if (domain !== null) counts[domain] = (counts[domain] ?? 0) + 1;
  }
  return { constraint, domains, counts, domainOf };
}

/**
 * The counts that are left without some pods; a domain that holds none where there are fewer than the constraint asks
 * for.
 */
function countsWithout({ constraint, counts, domainOf }: Spreading, gone: Iterable<Pod>): readonly number[] {
  const left = [...counts];
  for (const pod of gone) {
    const domain = domainOf(pod);
    if (domain !== null) left[domain] = (left[domain] ?? 0) - 1;
  }
  return left.length < constraint.minDomains ? [...left, 0] : left;
}

/** What the planner is to keep of the spread of these candidates, numbered as members, without those that go anyway. */
export function spreadsOf(
  members: readonly Candidate[],
  gone: readonly Candidate[],
  snapshot: Snapshot,
): readonly Spread[] {
  const going = gone.flatMap(({ pods }) => pods);
  return spreadingOf(members, snapshot).map((spreading) => ({
    counts: countsWithout(spreading, going),
    domains: new Map(
      members.map(({ pods }, member) => [member, pods.flatMap((pod) => spreading.domainOf(pod) ?? [])] as const),
    ),
    maxSkew: spreading.constraint.maxSkew,
  }));
}

/** Constraints that these candidates' going breaks, or breaks further. */
export function spreadsBroken(
  candidates: readonly Candidate[],
  going: readonly Candidate[],
  snapshot: Snapshot,
): readonly SpreadConstraint[] {
  const spreadings = spreadingOf(candidates, snapshot);
  if (spreadings.length === 0) return [];
  const gone = going.flatMap(({ pods }) => pods);
  return spreadings
    .filter((spreading) => {
      const { maxSkew } = spreading.constraint;
      return excess(countsWithout(spreading, gone), maxSkew) > excess(countsWithout(spreading, []), maxSkew);
    })
    .map(({ constraint }) => constraint);
}
