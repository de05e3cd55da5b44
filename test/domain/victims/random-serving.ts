import fc from 'fast-check';
import type { Pod } from '../../../src/domain/fleet/pod.ts';
import type { IntOrPercent, Role, Workload } from '../../../src/domain/fleet/workload.ts';
import { POLICIES, type Policy } from '../../../src/domain/victims/policies.ts';
import { ours, podOf, servingGroup, theirs } from '../../builders/fleet.ts';
import { serving } from '../../builders/workload.ts';

/** What was asked of the workload before, and how far its controller has come with it. */
export interface EarlierStep {
  readonly drop: number;
  /** Whether packdown steered it. */
  readonly steered: boolean;
  /** Pods that are gone by now; null while the controller has not looked yet. */
  readonly vanished: number | null;
}

/** A ModelServing drawn at random. Lists of numbers name pods, groups or nodes, modulo how many there are. */
export interface ServingDraw {
  readonly roles: readonly { replicas: number; workers: number; partition: IntOrPercent | null }[];
  readonly ordinals: readonly number[];
  readonly partition: IntOrPercent | null;
  readonly nodes: readonly number[];
  readonly costs: readonly (number | null)[];
  readonly keeps: readonly number[];
  readonly foreign: readonly { at: number; cost: string }[];
  readonly unready: readonly number[];
  readonly pending: readonly number[];
  readonly missing: readonly number[];
  readonly evicted: readonly number[];
  readonly dying: readonly number[];
  /** Groups older than packdown: nobody wrote a cost to their pods. */
  readonly old: readonly number[];
  readonly blocked: readonly number[];
  readonly steps: readonly EarlierStep[];
  readonly to: number;
  readonly policy: Policy;
  readonly seed: number;
}

/** Many groups or large ones, not both: the oracle looks at every pod after every pod. */
const MOST_PODS = 60;

const few = (chance: number, max = 3) =>
  fc.oneof(
    { weight: 100 - chance, arbitrary: fc.constant([]) },
    { weight: chance, arbitrary: fc.array(fc.nat(60), { minLength: 1, maxLength: max }) },
  );

const partition = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('int' as const), value: fc.nat(5) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('percent' as const), value: fc.constantFrom(0, 25, 50, 100) }),
  },
);

const foreignCost = fc.constantFrom(
  ...['-7', '-2147483648', '0', '5', '60', '2147483647', '+12', '007', '1.5', 'keep me', '', '99999999999999999999'],
);

const costs = fc.oneof(
  { weight: 5, arbitrary: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 9 }) },
  { weight: 1, arbitrary: fc.constant([null]) },
  { weight: 1, arbitrary: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 9 }) },
  {
    weight: 3,
    arbitrary: fc.array(fc.option(fc.oneof(fc.nat(3), fc.nat(100)), { freq: 2 }), { minLength: 1, maxLength: 9 }),
  },
);

const step: fc.Arbitrary<EarlierStep> = fc.record({
  drop: fc.integer({ min: 1, max: 3 }),
  steered: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  vanished: fc.option(fc.nat(12), { freq: 3 }),
});

const steps = (chance: number) =>
  fc.oneof(
    { weight: 100 - chance, arbitrary: fc.constant([]) },
    { weight: chance, arbitrary: fc.array(step, { minLength: 1, maxLength: 3 }) },
  );

const servingOf = (most: { readonly replicas: number; readonly groups: number; readonly evicted: number }) =>
  fc.record({
    roles: fc.array(
      fc.record({ replicas: fc.integer({ min: 1, max: most.replicas }), workers: fc.nat(3), partition }),
      { minLength: 1, maxLength: 4 },
    ),
    ordinals: fc
      .uniqueArray(fc.nat(14), { minLength: 1, maxLength: most.groups, size: 'max' })
      .map((ordinals) => ordinals.sort((a, b) => a - b)),
    partition,
    nodes: fc.array(fc.nat(9), { minLength: 1, maxLength: 20 }),
    costs,
    keeps: fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 4 }),
    foreign: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: fc.array(fc.record({ at: fc.nat(60), cost: foreignCost }), { minLength: 1, maxLength: 4 }),
      },
    ),
    unready: few(40),
    pending: few(10),
    missing: few(20),
    evicted: few(most.evicted, 4),
    dying: few(10, 2),
    old: few(25, 6),
    blocked: few(30, 4),
    steps: steps(33),
    to: fc.nat(12),
    policy: fc.constantFrom(...POLICIES),
    seed: fc.nat(1_000_000),
  });

/** Up to 12 groups of up to four roles, for scaling groups. */
export const servingDraw: fc.Arbitrary<ServingDraw> = servingOf({ replicas: 3, groups: 12, evicted: 10 })
  .map((draw) => ({ ...draw, ordinals: draw.ordinals.slice(0, Math.max(2, Math.floor(MOST_PODS / groupSize(draw)))) }))
  .map((draw) => ({ ...draw, [fc.toStringMethod]: () => shortForm(draw) }));

/** A ModelServing of which one role is scaled; `steps` came before on its groups, `roleSteps` then on the role. */
export interface RoleDraw extends ServingDraw {
  readonly role: number;
  readonly roleSteps: readonly EarlierStep[];
}

/** Up to 4 groups with up to 6 replicas a role, for scaling a role. */
export const roleDraw: fc.Arbitrary<RoleDraw> = fc
  .tuple(servingOf({ replicas: 6, groups: 4, evicted: 40 }), fc.nat(3), steps(50), fc.boolean())
  .map(([draw, role, roleSteps, quiet]) => ({ ...draw, role, roleSteps, ...(quiet ? { steps: [] } : {}) }))
  .map((draw) => ({ ...draw, [fc.toStringMethod]: () => shortForm(draw) }));

function groupSize({ roles }: Pick<ServingDraw, 'roles'>): number {
  return roles.reduce((size, { replicas, workers }) => size + replicas * (1 + workers), 0);
}

/** The workload with as many groups as exist. */
export function drawnServing({ roles, ordinals, partition }: ServingDraw): Workload {
  const base = serving(ordinals.length, {}, { partition });
  const names = ['prefill', 'decode', 'router', 'encoder'];
  return {
    ...base,
    roles: roles.map(
      (role, index): Role => ({ name: names[index] ?? `role${index}`, gangMinimum: null, dependencies: [], ...role }),
    ),
  };
}

/** The workload's pods, and what else is on the nodes. */
export function drawnPods(draw: ServingDraw): { readonly own: readonly Pod[]; readonly others: readonly Pod[] } {
  const workload = drawnServing(draw);
  const all = draw.ordinals.flatMap((group) => servingGroup(workload, group));
  const among = (list: readonly number[]) => new Set(list.map((number) => number % all.length));
  const [unready, pending, missing, evicted] = [draw.unready, draw.pending, draw.missing, draw.evicted].map(among);
  const foreign = new Map(draw.foreign.map(({ at, cost }) => [at % all.length, cost]));
  const groupsAmong = (list: readonly number[]) =>
    new Set(list.map((number) => `${workload.name}-${draw.ordinals[number % draw.ordinals.length]}`));
  const [dying, old] = [groupsAmong(draw.dying), groupsAmong(draw.old)];
  const own = all.flatMap((pod, index): Pod[] => {
    const group = pod.labels['modelserving.volcano.sh/group-name'] ?? '';
    if (missing?.has(index)) return [];
    const text = foreign.get(index);
    const cost = old.has(group) ? null : pick(draw.costs, index, null);
    return [
      {
        ...pod,
        node: `n${pick(draw.nodes, index, 0)}`,
        keep: pick(draw.keeps, index, 0),
        ...(text !== undefined ? theirs(text) : cost === null ? {} : ours(cost)),
        ...(unready?.has(index) ? { ready: false, readySince: null } : {}),
        ...(pending?.has(index) ? { phase: 'Pending', ready: false, readySince: null, node: null } : {}),
        deleting: evicted?.has(index) === true || dying.has(group),
      },
    ];
  });
  const daemons = Array.from({ length: 10 }, (_, node) =>
    podOf(`daemon-${node}`, {
      node: `n${node}`,
      controller: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'daemon', uid: 'uid-of-daemon' },
    }),
  );
  const blockers = [...new Set(draw.blocked)].map((node) => podOf(`other-${node}`, { node: `n${node % 10}` }));
  return { own, others: [...daemons, ...blockers] };
}

function pick<T>(list: readonly T[], index: number, fallback: T): T {
  return list[index % Math.max(1, list.length)] ?? fallback;
}

function shortForm(draw: ServingDraw): string {
  const text = Object.entries(draw)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name}=${JSON.stringify(value).replaceAll('"', '')}`);
  return text.join(' ');
}
