import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Node } from '../../../src/domain/fleet/node.ts';
import type { Pod } from '../../../src/domain/fleet/pod.ts';
import type { SpreadConstraint } from '../../../src/domain/fleet/spread-constraint.ts';
import type { Policy } from '../../../src/domain/victims/policies.ts';
import { appsPod, fleetOf, nodeOf, planOf, podOf, scaleTo, servingGroup } from '../../builders/fleet.ts';
import { deployment, serving } from '../../builders/workload.ts';

const ZONE = 'topology.kubernetes.io/zone';
const overZones = (rest: Partial<SpreadConstraint> = {}): SpreadConstraint => ({
  topologyKey: ZONE,
  maxSkew: 1,
  minDomains: 1,
  counted: [{ key: 'app', operator: 'In', values: ['web'] }],
  nodes: [[]],
  ...rest,
});

interface SpreadCase {
  readonly name: string;
  /** The node of each pod: `a1` is the first node of zone a. */
  readonly pods: string;
  readonly to: number;
  readonly spread?: readonly SpreadConstraint[];
  readonly nodes?: readonly Node[];
  readonly others?: readonly Pod[];
  readonly policy?: Policy;
  readonly frees: readonly string[];
  /** How many pods each zone is left with. */
  readonly leaves: Readonly<Record<string, number>>;
  readonly warns?: RegExp;
}

const inZone = (name: string, labels: Readonly<Record<string, string>> = {}) =>
  nodeOf(name, { labels: { [ZONE]: name.charAt(0), ...labels } });
const spread = [overZones()];

const CASES: readonly SpreadCase[] = [
  {
    name: 'without a constraint the zone goes whose nodes are free soonest',
    pods: 'a1 a1 a2 a2 b1 b2 b3 b4',
    to: 4,
    frees: ['b1', 'b2', 'b3', 'b4'],
    leaves: { a: 4 },
  },
  {
    name: 'with one, as many nodes as there can be without a zone more than one behind',
    spread,
    pods: 'a1 a1 a2 a2 b1 b2 b3 b4',
    to: 4,
    frees: ['a2', 'b3', 'b4'],
    leaves: { a: 2, b: 2 },
  },
  {
    name: 'a greater maxSkew lets more nodes go free',
    spread: [overZones({ maxSkew: 3 })],
    pods: 'a1 a1 a2 a2 b1 b2 b3 b4',
    to: 4,
    frees: ['b2', 'b3', 'b4'],
    leaves: { a: 3, b: 1 },
  },
  {
    name: 'pods that the constraint does not count have no say',
    spread: [overZones({ counted: [{ key: 'app', operator: 'In', values: ['another'] }] })],
    pods: 'a1 a1 a2 a2 b1 b2 b3 b4',
    to: 4,
    frees: ['b1', 'b2', 'b3', 'b4'],
    leaves: { a: 4 },
  },
  {
    name: 'a zone that holds none of the pods, and could, counts as the emptiest',
    spread: [overZones({ maxSkew: 2 })],
    pods: 'a1 a2 a3 b1 b1 b1',
    nodes: [inZone('c1')],
    to: 4,
    frees: ['a3'],
    leaves: { a: 2, b: 2 },
  },
  {
    name: 'one whose nodes the pods cannot be on does not count',
    spread: [overZones({ maxSkew: 2, nodes: [[{ key: 'gpu', operator: 'Exists', values: [] }]] })],
    pods: 'a1 a2 a3 b1 b1 b1',
    nodes: [...['a1', 'a2', 'a3', 'b1'].map((name) => inZone(name, { gpu: '' })), inZone('c1')],
    to: 4,
    frees: ['a2', 'a3'],
    leaves: { a: 1, b: 3 },
  },
  {
    name: 'with fewer zones than it asks for, another one counts that holds none',
    spread: [overZones({ maxSkew: 2, minDomains: 3 })],
    pods: 'a1 a2 a3 b1 b1 b1',
    to: 4,
    frees: ['a3'],
    leaves: { a: 2, b: 2 },
  },
  {
    name: 'what is out of balance is brought nearer to it, and where no choice restores it nothing is said',
    spread,
    pods: 'a1 a1 a1 a2 a2 b1',
    to: 4,
    frees: ['a2'],
    leaves: { a: 3, b: 1 },
  },
  {
    name: 'where a cost of somebody else breaks it, the plan says so',
    spread,
    pods: 'a1 a2 b1! b1!',
    to: 2,
    frees: ['b1'],
    leaves: { a: 2 },
    warns:
      /^what is left of ReplicaSet\/default\/web is spread over topology\.kubernetes\.io\/zone beyond its maxSkew of 1$/,
  },
  {
    name: 'the policy ordinal takes no notice, and the plan says so',
    policy: 'ordinal',
    spread,
    pods: 'a1 a2 b1 b1',
    to: 2,
    frees: ['b1'],
    leaves: { a: 2 },
    warns: /beyond its maxSkew of 1$/,
  },
  {
    name: 'two constraints are kept together',
    spread: [overZones(), overZones({ topologyKey: 'kubernetes.io/hostname', maxSkew: 2 })],
    pods: 'a1 a1 a2 b1 b1 b2',
    nodes: ['a1', 'a2', 'b1', 'b2'].map((name) => inZone(name, { 'kubernetes.io/hostname': name })),
    to: 4,
    frees: ['a2', 'b2'],
    leaves: { a: 2, b: 2 },
  },
];

describe('a spread over zones', () => {
  const workload = deployment(0, { kind: 'ReplicaSet' });
  for (const { name, pods, to, spread = [], nodes = [], others = [], policy, frees, leaves, warns } of CASES) {
    test(name, () => {
      const placed = pods.split(' ').map((place, index) => {
        const offered = place.endsWith('!') ? { cost: '-5' } : {};
        const rest = { node: place.slice(0, 2), labels: { app: 'web' }, spread, ...offered };
        return appsPod(workload, index, rest);
      });
      const own = { ...workload, replicas: placed.length };
      const zones = [...new Set(placed.map(({ node }) => node ?? ''))].map((node) => inZone(node));
      const plan = planOf(scaleTo(own, to), fleetOf([...placed, ...others], [own], [...zones, ...nodes]), policy);
      assert.deepEqual(
        plan.nodesFreed.map(({ name }) => name),
        frees,
      );
      const gone = new Set(plan.victims.map(({ candidate }) => candidate.name));
      const left = placed.filter((pod) => !gone.has(pod.name));
      const counts = Map.groupBy(left, ({ node }) => node?.charAt(0) ?? '');
      assert.deepEqual(Object.fromEntries([...counts].map(([zone, { length }]) => [zone, length])), leaves);
      assert.deepEqual(plan.warnings.length, warns === undefined ? 0 : 1, plan.warnings.join());
      if (warns !== undefined) assert.match(plan.warnings[0] ?? '', warns);
    });
  }

  test('where nobody chooses, for the highest ordinals go, nothing is said of it', () => {
    const db = deployment(4, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });
    const places = ['a1', 'a2', 'b1', 'b1'];
    const pods = places.map((node, ordinal) => appsPod(db, ordinal, { node, labels: { app: 'web' }, spread }));
    const nodes = places.map((name) => inZone(name));
    const plan = planOf(scaleTo(db, 2), fleetOf(pods, [db], nodes));
    assert.deepEqual(
      plan.victims.map(({ candidate }) => candidate.name),
      ['db-3', 'db-2'],
    );
    assert.deepEqual(plan.warnings, []);
  });

  test('groups count with all their pods, and go by what they hold of each zone', () => {
    const chat = serving(4, { prefill: 1, decode: 1 });
    const places = [
      ['a1', 'b1'],
      ['a1', 'a2'],
      ['b2', 'b3'],
      ['a3', 'b3'],
    ];
    const pods = places.flatMap((own, group) =>
      servingGroup(chat, group, ({ role }) => ({
        node: own[role === 'prefill' ? 0 : 1] ?? null,
        labels: {
          ...servingGroup(chat, group).find((pod) => pod.labels['modelserving.volcano.sh/role'] === role)?.labels,
          app: 'web',
        },
        spread,
      })),
    );
    const nodes = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'].map((name) => inZone(name));
    const fleet = fleetOf([...pods, podOf('other', { node: 'a3' })], [chat], nodes);
    const going = planOf(scaleTo(chat, 3), fleet).victims.map(({ candidate }) => candidate.ordinal);
    // One that is in both zones: without either of the others the zones would be two apart.
    assert.deepEqual(going, [0]);
  });
});
