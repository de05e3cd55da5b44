import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pod } from '../../../src/domain/fleet/pod.ts';
import { POLICIES } from '../../../src/domain/victims/policies.ts';
import type { ProvenPlan } from '../../../src/workloads/scaling.ts';
import { fleetOf, marked, nodeOf, ours, planOf, podOf, scaleTo, servingGroup, theirs } from '../../builders/fleet.ts';
import { serving } from '../../builders/workload.ts';
import { runs } from './properties.ts';

/** What one group is: the nodes of its two pods, how much it is worth keeping, and whose its costs are. */
interface Group {
  readonly nodes: readonly [number, number];
  readonly keep: number;
  readonly state: 'plain' | 'kept' | 'offered' | 'marked';
}

interface Fleet {
  /** Of two workloads that shrink together. */
  readonly groups: readonly (readonly Group[])[];
  /** Nodes that hold a pod that nobody scales. */
  readonly blocked: readonly number[];
  readonly gpus: readonly number[];
  /** The part of its groups that each is to lose. */
  readonly parts: readonly number[];
}

const NODES = 6;

const fleets = (states: readonly Group['state'][]): fc.Arbitrary<Fleet> => {
  const group = fc.record({
    nodes: fc.tuple(fc.nat(NODES - 1), fc.nat(NODES - 1)),
    keep: fc.integer({ min: -2, max: 2 }),
    state: fc.constantFrom(...states),
  });
  return fc.record({
    groups: fc.array(fc.array(group, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 2 }),
    blocked: fc.uniqueArray(fc.nat(NODES - 1), { maxLength: 2 }),
    gpus: fc.array(fc.constantFrom(2, 4, 8), { minLength: NODES, maxLength: NODES }),
    parts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 2 }),
  });
};

const ANY = fleets(['plain', 'plain', 'kept', 'offered', 'marked']);
const PLAIN = fleets(['plain']);

const costs = (state: Group['state'], unit: string): Partial<Pod> => {
  switch (state) {
    case 'plain':
      return ours(50);
    case 'kept':
      return theirs(100);
    case 'offered':
      return theirs(-100);
    case 'marked':
      return marked(0, unit);
    default:
      return state satisfies never;
  }
};

function planned({ groups, blocked, gpus, parts }: Fleet, nameOf = (node: number) => `n${node}`) {
  const workloads = groups.map(({ length }, index) =>
    serving(length, { prefill: 1, decode: 1 }, { name: `w${index}`, uid: `uid-of-w${index}` }),
  );
  const pods = workloads.flatMap((workload, index) =>
    (groups[index] ?? []).flatMap(({ nodes, keep, state }, group) =>
      servingGroup(workload, group, ({ role }) => ({
        node: nameOf(nodes[role === 'prefill' ? 0 : 1]),
        keep,
        // One pod of a group is enough for somebody else to keep it, or to offer it.
        ...costs(role === 'prefill' || state === 'marked' ? state : 'plain', `${workload.name}-${group}`),
      })),
    ),
  );
  const others = blocked.map((node) => podOf(`other-${node}`, { node: nameOf(node) }));
  const nodes = gpus.map((count, node) =>
    nodeOf(nameOf(node), { allocatable: new Map([['nvidia.com/gpu', BigInt(count) * 1_000_000_000n]]) }),
  );
  const requests = workloads.map((workload, index) =>
    scaleTo(workload, workload.replicas - Math.ceil(workload.replicas * (parts[index] ?? 0))),
  );
  return { pods, requests, fleet: fleetOf([...pods, ...others], workloads, nodes) };
}

const namesIn = ({ victims }: Pick<ProvenPlan, 'victims'>) => victims.map(({ candidate }) => candidate.name);

test('exactly as many groups go as were asked for, each whole and once, under every policy', () => {
  fc.assert(
    fc.property(ANY, fc.constantFrom(...POLICIES), (drawn, policy) => {
      const { pods, requests, fleet } = planned(drawn);
      const { victims } = planOf(requests, fleet, policy);
      assert.equal(new Set(namesIn({ victims })).size, victims.length);
      for (const { workload, from, to } of requests)
        assert.equal(victims.filter((victim) => victim.workload.name === workload.name).length, from - to);
      for (const { candidate } of victims) {
        const whole = pods.filter(({ labels }) => labels['modelserving.volcano.sh/group-name'] === candidate.name);
        assert.deepEqual(candidate.pods.map(({ name }) => name).sort(), whole.map(({ name }) => name).sort());
      }
    }),
    runs(500),
  );
});

test('what somebody else keeps goes last, what they offer and what is in progress goes first', () => {
  fc.assert(
    fc.property(ANY, (drawn) => {
      const { requests, fleet } = planned(drawn);
      const plan = planOf(requests, fleet);
      // Costs cannot say that what is offered stays, nor that something else goes before it: then a warning says so.
      const isSayable = drawn.groups.every((groups, index) => {
        const count = (state: Group['state']) => groups.filter((group) => group.state === state).length;
        const leaving = (requests[index]?.from ?? 0) - (requests[index]?.to ?? 0);
        return count('offered') === 0 || (count('marked') === 0 && (leaving === 0 || count('offered') <= leaving));
      });
      if (isSayable) assert.deepEqual(plan.warnings, []);
      fc.pre(plan.warnings.length === 0);
      const going = new Set(namesIn(plan));
      const places = { marked: 0, offered: 1, plain: 2, kept: 3 };
      for (const [index, groups] of drawn.groups.entries()) {
        const all = groups.map(({ state }, group) => ({ place: places[state], goes: going.has(`w${index}-${group}`) }));
        const last = Math.max(...all.map(({ place, goes }) => (goes ? place : -1)));
        const first = Math.min(...all.map(({ place, goes }) => (goes ? 9 : place)));
        assert.ok(last <= first, `one of ${last} goes while one of ${first} stays`);
      }
    }),
    runs(500),
  );
});

test('of two groups on the same nodes the one that is more worth keeping never goes alone', () => {
  fc.assert(
    fc.property(PLAIN, (drawn) => {
      const { requests, fleet } = planned(drawn);
      const going = new Set(namesIn(planOf(requests, fleet)));
      for (const [index, groups] of drawn.groups.entries())
        for (const [a, one] of groups.entries())
          for (const [b, other] of groups.entries()) {
            const isAlike = [...one.nodes].sort().join() === [...other.nodes].sort().join();
            const isAlone = going.has(`w${index}-${a}`) && !going.has(`w${index}-${b}`);
            if (isAlike && isAlone) assert.ok(one.keep <= other.keep, `w${index}-${a} goes and w${index}-${b} stays`);
          }
    }),
    runs(500),
  );
});

test('what is freed is worth the same, whatever the nodes are called', () => {
  const names = fc.shuffledSubarray([...Array(NODES).keys()], { minLength: NODES });
  fc.assert(
    fc.property(PLAIN, names, (drawn, order) => {
      const worth = (nameOf?: (node: number) => string) => {
        const { requests, fleet } = planned(drawn, nameOf);
        const { nodesFreed } = planOf(requests, fleet);
        return nodesFreed.reduce((sum, { allocatable }) => sum + (allocatable.get('nvidia.com/gpu') ?? 0n), 0n);
      };
      assert.equal(
        worth((node) => `n${order[node]}`),
        worth(),
      );
    }),
    runs(500),
  );
});

test('a plan names what it frees: these nodes, no others, worth its value and no more than its bound', () => {
  fc.assert(
    fc.property(ANY, (drawn) => {
      const { requests, fleet } = planned(drawn);
      const plan = planOf(requests, fleet);
      const gone = new Set(plan.victims.flatMap(({ candidate }) => candidate.pods));
      const busy = new Set([...fleet.pods()].filter((pod) => !gone.has(pod)).map(({ node }) => node));
      const left = [...new Set([...gone].flatMap(({ node }) => node ?? []))].filter((node) => !busy.has(node));
      assert.deepEqual(
        plan.nodesFreed.map(({ name }) => name),
        left.sort(),
      );
      const gpus = left.reduce((sum, name) => sum + (drawn.gpus[Number(name.slice(1))] ?? 0), 0);
      assert.equal(plan.value, gpus);
      assert.ok((plan.bound ?? 0) >= plan.value);
    }),
    runs(500),
  );
});
