import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseResources } from '../../../src/domain/resources/resource-list.ts';
import type { BinpackWeights } from '../../../src/domain/score/binpack.ts';
import { strandedShare } from '../../../src/domain/score/stranded.ts';

type Amounts = Readonly<Record<string, string | number>>;

const NODE: Amounts = { cpu: 64, memory: '512Gi', 'nvidia.com/gpu': 8 };
const NOTHING: Amounts = {};
const weights = (resources: Readonly<Record<string, number>>): BinpackWeights => ({
  weight: 1,
  resources: new Map(Object.entries(resources)),
});
const DEFAULT = weights({ 'nvidia.com/gpu': 5, cpu: 1, memory: 1 });

describe('the share of devices that a pod strands', () => {
  const share = (requests: Amounts, used: Amounts, allocatable: Amounts = NODE, weighed = DEFAULT) =>
    strandedShare(parseResources(requests), parseResources(used), parseResources(allocatable), weighed);

  const cases: readonly [title: string, expected: number, actual: number][] = [
    ['none on an empty node', 0, share(NOTHING, NOTHING)],
    ['none where CPUs and memory are as free as devices', 0, share({ cpu: 8, 'nvidia.com/gpu': 1 }, NOTHING)],
    ['none where devices are in use first', 0, share({ 'nvidia.com/gpu': 4 }, { cpu: 8 })],
    ['what CPUs are short of', 0.25, share({ cpu: 24, 'nvidia.com/gpu': 1 }, NOTHING)],
    ['what memory is short of, if it is shorter', 0.5, share({ cpu: 16, memory: '256Gi' }, NOTHING)],
    ['what others have used up counts too', 0.75, share({ cpu: 16 }, { cpu: 32 })],
    ['all devices when no CPU is left', 1, share({ cpu: 32 }, { cpu: 32 })],
    ['no more than all when more is asked for than there is', 1, share({ cpu: 128 }, NOTHING)],
    ['none on a node without devices', 0, share({ cpu: 64 }, NOTHING, { cpu: 64, memory: '512Gi' })],
    ['none of devices that are not weighed', 0, share({ cpu: 64 }, NOTHING, NODE, weights({ cpu: 1, memory: 1 }))],
    ['none for want of what is not weighed', 0, share({ cpu: 64 }, NOTHING, NODE, weights({ 'nvidia.com/gpu': 1 }))],
    [
      'the worst of several devices',
      0.5,
      share({ cpu: 32 }, { 'a/a': 1 }, { ...NODE, 'a/a': 2, 'b/b': 2 }, weights({ cpu: 1, 'a/a': 1, 'b/b': 1 })),
    ],
  ];
  for (const [title, expected, actual] of cases) it(title, () => assert.equal(actual, expected));

  it('is never below 0 or above 1, and never falls when a pod asks for more CPUs', () => {
    const amounts = fc.record({ cpu: fc.nat(80), memory: fc.nat(600).map(gibibytes), 'nvidia.com/gpu': fc.nat(10) });
    fc.assert(
      fc.property(amounts, amounts, fc.nat(64), (requests, used, more) => {
        const before = share(requests, used);
        const after = share({ ...requests, cpu: requests.cpu + more }, used);
        assert.ok(before >= 0 && after <= 1 && after >= before);
      }),
    );
  });
});

function gibibytes(count: number): string {
  return `${count}Gi`;
}
