import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseResources, type Resources } from '../../../src/domain/resources/resource-list.ts';
import { type BinpackWeights, binpackScore, nearestWhole } from '../../../src/domain/score/binpack.ts';

type ResourceList = Record<string, string | number>;
type ResourceWeights = Record<string, number>;

const gpuWeights: ResourceWeights = { cpu: 1, memory: 1, 'nvidia.com/gpu': 5 };
const gpuNode: ResourceList = { cpu: 64, memory: '512Gi', 'nvidia.com/gpu': 8 };
const gpuPod: ResourceList = { cpu: 8, memory: '64Gi', 'nvidia.com/gpu': 2 };

const weightsOf = (resources: ResourceWeights, weight = 1): BinpackWeights => ({
  weight,
  resources: new Map(Object.entries(resources)),
});

interface Case {
  readonly name: string;
  readonly requests?: ResourceList;
  readonly used?: ResourceList;
  readonly allocatable?: ResourceList;
  readonly weights?: BinpackWeights;
  /** As a fraction, worked by hand. */
  readonly score: number;
}

const CASES: readonly Case[] = [
  { name: 'an empty GPU node', score: (100 * (1 / 8 + 1 / 8 + 5 / 4)) / 7 },
  {
    name: 'a node with one small pod on it',
    used: { cpu: 4, memory: '32Gi', 'nvidia.com/gpu': 1 },
    score: (100 * (3 / 16 + 3 / 16 + 15 / 8)) / 7,
  },
  {
    name: 'a node that the pod nearly fills',
    requests: { cpu: 16, memory: '16Gi', 'nvidia.com/gpu': 4 },
    used: { cpu: 12, memory: '96Gi', 'nvidia.com/gpu': 3 },
    score: 71.875,
  },
  {
    name: 'a node that the pod fills to the last byte',
    used: { cpu: 56, memory: '448Gi', 'nvidia.com/gpu': 6 },
    score: 100,
  },
  {
    name: 'ten times the score for weight 10',
    weights: weightsOf(gpuWeights, 10),
    score: (1000 * (1 / 8 + 1 / 8 + 5 / 4)) / 7,
  },
  { name: 'nothing for weight 0', weights: weightsOf(gpuWeights, 0), score: 0 },
  {
    name: 'only the resources that the pod requests',
    requests: { cpu: 16 },
    used: { cpu: 16, memory: '512Gi', 'nvidia.com/gpu': 8 },
    score: 50,
  },
  {
    name: 'a request of zero as no request',
    requests: { cpu: 16, memory: 0, 'nvidia.com/gpu': 0 },
    used: { memory: '513Gi' },
    score: 25,
  },
  {
    name: 'no resource without a weight, however full',
    requests: { cpu: 16, 'example.com/fpga': 4 },
    allocatable: { cpu: 64, 'example.com/fpga': 1 },
    score: 25,
  },
  {
    name: 'zero when nothing weighted is requested',
    requests: { 'example.com/fpga': 1 },
    allocatable: { 'example.com/fpga': 1 },
    score: 0,
  },
  { name: 'zero when nothing is requested', requests: {}, score: 0 },
  { name: 'zero when one resource overflows', used: { 'nvidia.com/gpu': 7 }, score: 0 },
  { name: 'zero when a resource overflows by a billionth', used: { cpu: '56.000000001' }, score: 0 },
  {
    name: 'zero when a resource overflows beyond what a float can tell',
    requests: { memory: 1 },
    used: { memory: '9007199254740993' },
    allocatable: { memory: '9007199254740993' },
    score: 0,
  },
  {
    name: 'nothing for a resource that the node lacks, its weight still in the divisor',
    allocatable: { cpu: 64, memory: '512Gi' },
    score: (100 * (1 / 8 + 1 / 8)) / 7,
  },
  {
    name: 'a resource of weight 0 neither in the sum nor in the divisor, even if it overflows',
    used: { 'nvidia.com/gpu': 8 },
    weights: weightsOf({ cpu: 1, memory: 1, 'nvidia.com/gpu': 0 }),
    score: 12.5,
  },
  {
    name: 'zero when all weights are 0',
    weights: weightsOf({ cpu: 0, memory: 0, 'nvidia.com/gpu': 0 }),
    score: 0,
  },
];

for (const { name, requests, used, allocatable, weights, score } of CASES) {
  test(`binpack scores ${name}`, () => {
    const actual = binpackScore(
      parseResources(requests ?? gpuPod),
      parseResources(used),
      parseResources(allocatable ?? gpuNode),
      weights ?? weightsOf(gpuWeights),
    );
    assert.ok(Math.abs(actual - score) < 1e-9, `${actual} instead of ${score}`);
  });
}

test('the scores agree with those seen from the real Volcano scheduler', () => {
  const scoreWith = (requests: ResourceList, used: ResourceList) =>
    binpackScore(parseResources(requests), parseResources(used), parseResources(gpuNode), weightsOf(gpuWeights));
  assert.equal(scoreWith(gpuPod, {}).toFixed(4), '21.4286');
  assert.equal(scoreWith({ cpu: 4, memory: '32Gi', 'nvidia.com/gpu': 1 }, gpuPod).toFixed(4), '32.1429');
});

test('a cost is the nearest whole number, halves upwards', () => {
  assert.deepEqual([0, 12.49, 12.5, 13.5, 99.99, 100, 1000].map(nearestWhole), [0, 12, 13, 14, 100, 100, 1000]);
});

test('a score of exactly a half rounds up though its float falls short of the half', () => {
  const requests = parseResources({ cpu: 29 });
  const score = binpackScore(requests, new Map(), parseResources({ cpu: 200 }), weightsOf({ cpu: 1 }));
  assert.ok(score < 14.5);
  assert.equal(nearestWhole(score), 15);
});

interface Situation {
  readonly requests: Resources;
  readonly used: Resources;
  readonly allocatable: Resources;
  readonly weights: BinpackWeights;
}

/** A node on which the pod fits, by as little as nothing. */
const fitting: fc.Arbitrary<Situation> = fc
  .tuple(
    fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('cpu', 'memory', 'nvidia.com/gpu', 'example.com/foo', 'hugepages-2Mi'),
        request: fc.bigInt({ min: 0n, max: 10n ** 21n }),
        used: fc.bigInt({ min: 0n, max: 10n ** 21n }),
        free: fc.bigInt({ min: 0n, max: 10n ** 21n }),
        weight: fc.nat(10),
      }),
      { selector: (resource) => resource.name },
    ),
    fc.integer({ min: 1, max: 10 }),
  )
  .map(([list, weight]) => ({
    requests: new Map(list.map((r) => [r.name, r.request])),
    used: new Map(list.map((r) => [r.name, r.used])),
    allocatable: new Map(list.map((r) => [r.name, r.used + r.request + r.free])),
    weights: { weight, resources: new Map(list.map((r) => [r.name, r.weight])) },
  }));

const scoreOf = ({ requests, used, allocatable, weights }: Situation) =>
  binpackScore(requests, used, allocatable, weights);

test('the score of a pod that fits lies between 0 and 100 times the weight', () => {
  fc.assert(
    fc.property(fitting, (situation) => {
      const score = scoreOf(situation);
      assert.ok(score >= 0 && score <= 100 * situation.weights.weight * (1 + 1e-12));
    }),
  );
});

const reversed = <V>(map: ReadonlyMap<string, V>) => new Map([...map].reverse());

test('the score does not depend on the order in which resources are listed', () => {
  fc.assert(
    fc.property(fitting, (situation) => {
      const score = scoreOf(situation);
      const { requests, used, allocatable, weights } = situation;
      assert.equal(binpackScore(reversed(requests), reversed(used), reversed(allocatable), weights), score);
      const otherOrder = scoreOf({ ...situation, weights: { ...weights, resources: reversed(weights.resources) } });
      assert.ok(Math.abs(otherOrder - score) < 1e-9);
    }),
  );
});

test('a fuller node never scores lower while the pod fits', () => {
  fc.assert(
    fc.property(fitting, (situation) => {
      const { requests, allocatable } = situation;
      const fullest = new Map(
        [...allocatable].map(([name, quantity]) => [name, quantity - (requests.get(name) ?? 0n)]),
      );
      assert.ok(scoreOf({ ...situation, used: fullest }) >= scoreOf(situation) - 1e-9);
    }),
  );
});

test('one nano more than the node has of a weighted resource makes the score 0', () => {
  fc.assert(
    fc.property(fitting, fc.nat(), (situation, choice) => {
      const weighted = [...situation.requests].filter(
        ([name, request]) => request > 0n && (situation.weights.resources.get(name) ?? 0) > 0,
      );
      fc.pre(weighted.length > 0);
      const [name, request] = weighted[choice % weighted.length] ?? ['cpu', 0n];
      const load = request + (situation.used.get(name) ?? 0n);
      fc.pre(load > 1n);
      const short = new Map(situation.allocatable).set(name, load - 1n);
      assert.equal(scoreOf({ ...situation, allocatable: short }), 0);
    }),
  );
});
