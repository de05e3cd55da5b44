import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadFleet } from '../../src/cluster/embedded/load-fleet.ts';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { namespacedName } from '../../src/domain/fleet/namespaced-name.ts';
import type { Role, Workload } from '../../src/domain/fleet/workload.ts';
import type { WorkloadAdapter } from '../../src/workloads/adapter.ts';
import { type JsonObject, objectAt } from '../../src/workloads/core/json.ts';
import { costReaderOf } from '../../src/workloads/cost-readers.ts';
import { adapterOfKind, adapterOfResource, adapters } from '../../src/workloads/registry.ts';
import { NOW, planOf, scaleTo } from '../builders/fleet.ts';
import { nodeObject } from '../builders/objects.ts';
import { run, temporaryFile } from '../commands/run-in-process.ts';

/** One scale request on the story's fleet, and what its controller does with it. */
export interface StoryScale {
  /** A sentence: how victims are chosen. */
  readonly name: string;
  readonly to: number;
  readonly role?: string;
  /** In the order in which they go; at role level `<group>/<replica>`. */
  readonly goes?: readonly string[];
  readonly created?: readonly string[];
  /** Whether costs make it so; where something is written they do. */
  readonly steered?: boolean;
  /** What is written to make it so, as `<carrier> <cost>`; nothing where it cannot be steered. */
  readonly writes?: readonly string[];
  readonly notes?: readonly RegExp[];
  readonly warnings?: readonly RegExp[];
}

/** A kind of workload, told by one object of it and everything around that object. */
export interface AdapterStory {
  readonly adapter: WorkloadAdapter;
  /** The object with so many replicas, or whatever else stands in their place. */
  readonly object: (replicas: unknown) => JsonObject;
  /** The same with another template; left out where nothing in it replaces pods. */
  readonly otherTemplate?: (replicas: unknown) => JsonObject;
  /** The same to be rolled and scaled in other ways, which replaces no pod. */
  readonly otherStrategy?: (replicas: unknown) => JsonObject;
  /** How many replicas it has here. */
  readonly replicas: number;
  /** Whether its API counts it at all: a RoleBasedGroup is always one group. */
  readonly counted?: boolean;
  /** What is read of it besides. */
  readonly reads: Partial<Omit<Workload, 'roles'>>;
  readonly roles?: readonly Partial<Role>[];
  /** Counts where the object holds none. */
  readonly defaults: {
    readonly object: JsonObject;
    readonly replicas: number;
    readonly roles?: Readonly<Record<string, number>>;
    /** Of its replicas; none where its API has no such thing. */
    readonly gangMinimum?: number;
  };
  /** Owners, pods and whatever is between: all of a fleet file but the object itself. */
  readonly around: readonly object[];
  /** Who owns it, as `Kind/name`. */
  readonly owner?: string;
  /** The members that its controller counts, as `<name>: <pods>` with `not ready` and `deleting` after. */
  readonly members: readonly string[];
  /** Members of a role, likewise, with their group before: `<group>/<replica>: <pods>`. */
  readonly roleMembers?: Readonly<Record<string, readonly string[]>>;
  readonly scales: readonly StoryScale[];
}

/** What every adapter must keep, whatever its kind. */
export function adapterContract(story: AdapterStory): void {
  const { adapter, object, replicas } = story;
  const title = `${adapter.kind}.${adapter.group}`;
  const workload = adapter.read(object(replicas));

  describe(title, () => {
    test('is known by its group, kind and resource', () => {
      assert.ok(adapters.includes(adapter));
      assert.equal(adapterOfKind(adapter.group, adapter.kind), adapter);
      assert.equal(adapterOfResource(adapter.group, adapter.resource), adapter);
      assert.match(adapter.versions.join(' '), /^v\d\w*( v\d\w*)*$/);
      assert.ok(adapter.steeredBy.length > 0);
    });

    test('is known to be on its way out', () => {
      const { metadata, ...rest } = object(replicas);
      const deleted = {
        ...rest,
        metadata: { ...objectAt({ metadata }, 'metadata'), deletionTimestamp: '2026-06-01T12:00:00Z' },
      };
      assert.deepEqual([workload.deleting ?? false, adapter.read(deleted).deleting], [false, true]);
    });

    test('has its counts and its place read', () => {
      assert.equal(workload.replicas, replicas);
      const { group, kind, namespace, uid } = workload;
      assert.deepEqual({ group, kind, namespace }, { group: adapter.group, kind: adapter.kind, namespace: 'llm' });
      assert.notEqual(uid, '');
      for (const [key, value] of Object.entries(story.reads)) {
        assert.deepEqual(Object.entries(workload).find(([name]) => name === key)?.[1], value, key);
      }
      const expected = (story.roles ?? []).map((role) => ({ ...PLAIN_ROLE, ...role }));
      assert.deepEqual(workload.roles, expected);
    });

    test('has the counts that its API documents where it holds none', () => {
      const { object: bare, replicas: count, roles = {}, gangMinimum = null } = story.defaults;
      const read = adapter.read(bare);
      assert.deepEqual([read.replicas, read.gangMinimum], [count, gangMinimum]);
      assert.ok(read.roles.every(({ workers }) => workers === 0));
      assert.deepEqual(Object.fromEntries(read.roles.map((role) => [role.name, role.replicas])), roles);
    });

    if (story.counted !== false) {
      test('has a count that is no number read as such', () => {
        assert.ok(Number.isNaN(adapter.read(object('three')).replicas));
      });
    }

    test('is not rolled by another count or another strategy, and is by another template', () => {
      assert.deepEqual(adapter.template(object(1)), adapter.template(object(2)));
      assert.deepEqual(adapter.template((story.otherStrategy ?? object)(1)), adapter.template(object(1)));
      if (story.otherTemplate !== undefined) {
        assert.notDeepEqual(adapter.template(story.otherTemplate(1)), adapter.template(object(1)));
      }
    });

    test('is owned by whoever the object says', () => {
      const { owner } = workload;
      assert.equal(owner === null ? undefined : `${owner.kind}/${owner.name}`, story.owner);
    });

    test('has its members told by owners and labels, with what is not ready or on its way out', () => {
      assert.deepEqual(membersOf(story, null), story.members);
      for (const [role, members] of Object.entries(story.roleMembers ?? {})) {
        assert.deepEqual(membersOf(story, role), members, role);
      }
    });

    test('changes nothing when its counts stay', () => {
      const plan = planOf(scaleTo(workload, replicas), fleetOf(story));
      assert.deepEqual([plan.writes, plan.created.length], [[], 0]);
    });

    test(`has ${adapter.readsPodCosts ? '' : 'no '}costs written to its pods when they are bound`, () => {
      const fleet = fleetOf(story);
      const read = [...fleet.pods()].filter((pod) => costReaderOf(pod, fleet)?.kind === adapter.kind);
      assert.equal(read.length > 0, adapter.readsPodCosts && adapter.kind !== 'Deployment');
    });

    test('is explained and planned on the command line', async (t) => {
      const name = `${adapter.kind}.${adapter.group}/llm/${workload.name}`;
      const file = await temporaryFile(t, 'fleet.json', listOf(story));
      const explained = await run(['explain', '--fleet', file, name]);
      assert.deepEqual([explained.code, explained.stderr], [0, []]);
      assert.match(
        explained.stdout[0] ?? '',
        new RegExp(`^${adapter.kind}/llm/${workload.name}: ${replicas} replicas?`),
      );
      const [role] = workload.roles;
      const count = adapter.isOneGroup && role !== undefined ? `${name}:${role.name}` : name;
      const planned = await run(['plan', '--fleet', file, '--scale', `${count}=0`]);
      assert.deepEqual([planned.code, planned.stderr], [0, []]);
    });

    for (const scale of story.scales) test(scale.name, () => assertScale(story, scale));
  });
}

const PLAIN_ROLE: Omit<Role, 'name'> = {
  replicas: 1,
  workers: 0,
  gangMinimum: null,
  partition: null,
  dependencies: [],
};

function fleetOf(story: AdapterStory): FleetIndex {
  return loadFleet(JSON.stringify(listOf(story)), 'story');
}

function listOf({ object, replicas, around }: AdapterStory): object {
  const items = [...['n1', 'n2', 'n3'].map(nodeObject), object(replicas), ...around];
  return { apiVersion: 'v1', kind: 'List', items };
}

function membersOf(story: AdapterStory, role: string | null): readonly string[] {
  const { adapter, object, replicas } = story;
  const workload = adapter.read(object(replicas));
  const count = role === null ? replicas : (workload.roles.find(({ name }) => name === role)?.replicas ?? 0);
  const { pools } = adapter.scale({ workload, role, from: count, to: count }, fleetOf(story), NOW);
  return pools.flatMap(({ candidates }) =>
    candidates.map((candidate) => {
      const name = candidate.role === null ? candidate.name : `${candidate.group}/${candidate.name}`;
      const pods = candidate.pods.map((pod) => pod.name).sort();
      return `${[`${name}: ${pods.join(' ')}`, ...(candidate.ready ? [] : ['not ready']), ...(candidate.deleting ? ['deleting'] : [])].join(', ')}`;
    }),
  );
}

function assertScale(story: AdapterStory, scale: StoryScale): void {
  const { adapter, object, replicas } = story;
  const request = scaleTo(adapter.read(object(replicas)), scale.to, scale.role ?? null);
  const plan = planOf(request, fleetOf(story), 'ordinal');
  assert.deepEqual(
    plan.victims.map(({ candidate }) =>
      candidate.role === null ? candidate.name : `${candidate.group}/${candidate.name}`,
    ),
    scale.goes ?? [],
  );
  assert.deepEqual(plan.created, scale.created ?? []);
  assert.deepEqual(
    plan.writes.map(
      ({ carrier, to }) => `${carrier.place?.kind ?? 'Pod'} ${namespacedName(carrier).slice('llm/'.length)} ${to}`,
    ),
    scale.writes ?? [],
  );
  const steered = scale.steered ?? scale.writes !== undefined;
  assert.deepEqual(
    new Set(plan.victims.map((victim) => victim.steered)),
    new Set(scale.goes === undefined ? [] : [steered]),
  );
  matches(plan.notes, scale.notes ?? []);
  matches(plan.warnings, scale.warnings ?? []);
}

function matches(sentences: readonly string[], patterns: readonly RegExp[]): void {
  assert.equal(sentences.length, patterns.length, sentences.join('; '));
  for (const [index, pattern] of patterns.entries()) assert.match(sentences[index] ?? '', pattern);
}
