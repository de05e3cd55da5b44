import assert from 'node:assert/strict';
import type { CostWrite } from '../../../src/domain/fleet/cost-write.ts';
import { namespacedName } from '../../../src/domain/fleet/namespaced-name.ts';
import { costOwnership, type Pod } from '../../../src/domain/fleet/pod.ts';
import type { Plan } from '../../../src/domain/victims/plan.ts';
import { podOf } from '../../builders/fleet.ts';
import { seededRandom } from '../../oracle/kthena.ts';

/**
 * How often a property runs, always from the same seed unless FC_SEED says another; FC_RUNS multiplies the runs.
 * `among`: one case in so many is one that the property is about.
 */
export function runs(count: number, among = 20) {
  return {
    numRuns: count * Number(process.env.FC_RUNS ?? 1),
    seed: Number(process.env.FC_SEED ?? 20_260_601),
    maxSkipsPerRun: among,
  };
}

export function shuffled<T>(list: readonly T[], seed: number): readonly T[] {
  const random = seededRandom(seed);
  return list
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Whether costs say what is to go: no pool of the plan was given up. */
export function isSteered({ warnings }: Plan): boolean {
  return !warnings.some((warning) => warning.includes(' is not steered: '));
}

/** Some of these, drawn by the seed. */
export function someOf<T>(list: Iterable<T>, seed: number): ReadonlySet<T> {
  const random = seededRandom(seed);
  return new Set([...list].filter(() => random() < 0.5));
}

/**
 * Orders in which the writes of a plan may land: one by one as it lists them, and stage by stage, each stage in any
 * order.
 */
export function landingOrders({ writes, stages }: Plan, seed: number): readonly (readonly CostWrite[])[] {
  return [writes, ...[seed, seed + 1, seed + 2].map((own) => stages.flatMap((stage) => shuffled(stage, own)))];
}

/**
 * Follows writes as they land. Wherever they are cut short, at least as many of the planned units go first as one write
 * earlier, and, once no survivor is left to raise, every unit whose writes have all landed.
 */
export function assertLegalThroughout(
  order: readonly CostWrite[],
  units: readonly string[],
  goingFirst: (landed: readonly CostWrite[]) => ReadonlySet<string>,
): void {
  let most = 0;
  for (let sent = 0; sent <= order.length; sent += 1) {
    const going = goingFirst(order.slice(0, sent));
    const right = units.filter((unit) => going.has(unit)).length;
    assert.ok(right >= most, `after ${sent} writes ${right} of the planned go first, ${most} did before`);
    most = right;
    const left = order.slice(sent);
    if (left.some(({ victim }) => victim === null)) continue;
    const settled = units.filter((unit) => !left.some(({ victim }) => victim === unit));
    const missing = settled.filter((unit) => !going.has(unit));
    assert.deepEqual(missing, [], `after ${sent} writes these should go first`);
  }
}

/** Every pod is written once at most, never over a cost of somebody else, and gets an int32 as controllers read one. */
export function assertWritable(writes: readonly CostWrite[]): void {
  assert.equal(
    new Set(writes.map(({ carrier }) => namespacedName(carrier))).size,
    writes.length,
    'a carrier is written twice',
  );
  for (const { carrier, to } of writes) {
    assert.notEqual(costOwnership(carrier), 'other', `${carrier.name} carries a cost of somebody else`);
    assert.match(to, /^(0|-?[1-9]\d{0,9})$/);
    assert.ok(Number(to) >= -(2 ** 31) && Number(to) < 2 ** 31, to);
  }
}

/**
 * So for Kthena, which adds up the costs of a unit: never negative, on a victim in its name, and of a survivor only one
 * pod is written, which costs more than before; what is on its way out anyway costs nothing.
 */
export function assertWritableToKthena(
  writes: readonly CostWrite[],
  victims: ReadonlySet<string>,
  unitOf: (write: CostWrite) => string,
): void {
  assertWritable(writes);
  for (const write of writes) {
    assert.ok(Number(write.to) >= 0, write.to);
    assert.equal(write.victim, victims.has(unitOf(write)) ? unitOf(write) : null);
  }
  const raised = writes.filter(({ victim, carrier, to }) => victim === null && !(carrier.deleting && to === '0'));
  for (const { carrier, to } of raised)
    assert.ok(Number(to) > Number(carrier.cost), `${carrier.name} had ${carrier.cost} and gets ${to}`);
  assert.equal(new Set(raised.map(unitOf)).size, raised.length, 'a survivor is raised twice');
}

/** Pods of nobody that appear between two plans: they change scores, and block nodes. */
export function newcomers(seed: number): readonly Pod[] {
  return Array.from({ length: 4 }, (_, index) =>
    podOf(`newcomer-${index}`, { node: `n${(seed + index * index) % 10}` }),
  );
}

/** What of a plan two equal plans have in common, in names. */
export function outlineOf({ victims, writes, nodesFreed, warnings }: Plan) {
  return {
    victims: victims.map(({ candidate: { group, name }, steered }) => ({ group, name, steered })),
    writes: writes.map(({ carrier, to, victim }) => ({ pod: carrier.name, from: carrier.cost, to, victim })),
    nodesFreed: nodesFreed.map(({ name }) => name),
    warnings,
  };
}
