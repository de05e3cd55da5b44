import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { binpackWeights, defaultConfig } from '../../src/config/config.ts';
import { parseResources } from '../../src/domain/resources/resource-list.ts';
import { prioritize } from '../../src/scheduler/prioritize.ts';
import { readNode } from '../../src/workloads/core/node.ts';
import { fleetOf, marked, nodeOf, podOf, servingGroup } from '../builders/fleet.ts';
import { serving } from '../builders/workload.ts';
import { byName, byNode, EIGHT_GPUS, nodeObject, pendingPod, scoresOf } from './extender-bodies.ts';

const weights = binpackWeights(defaultConfig);
const using = (node: string, requests: Readonly<Record<string, string | number>>, fields: object = {}) =>
  podOf(`on-${node}`, { node, requests: parseResources(requests), ...fields });

const llama = serving(1, { decode: 1 });
/** Of 64 cpu, 512Gi and 8 GPUs a node; the pod asks for 8, 64Gi and 2; cpu and memory weigh 1, GPUs 5. */
const fleet = fleetOf(
  [
    using('light', { cpu: 4, memory: '32Gi', 'nvidia.com/gpu': 1 }),
    using('heavy', { cpu: 24, memory: '192Gi', 'nvidia.com/gpu': 6 }),
    using('exact', { cpu: 56, memory: '448Gi', 'nvidia.com/gpu': 6 }),
    using('full', { 'nvidia.com/gpu': 7 }),
    using('done', { cpu: 24, memory: '192Gi', 'nvidia.com/gpu': 6 }, { phase: 'Succeeded' }),
    ...servingGroup(llama, 0, () => ({ node: 'freed', ...marked(0, 'llama-0') })),
  ],
  [llama],
  [nodeOf('empty')],
);

describe('prioritize', () => {
  const byHand: readonly [node: string, score: number, why: string][] = [
    ['empty', 2, '100 · (8/64 + 64/512 + 5 · 2/8) / 7 = 21.43'],
    ['light', 3, '100 · (12/64 + 96/512 + 5 · 3/8) / 7 = 32.14'],
    ['heavy', 9, '100 · (32/64 + 256/512 + 5 · 8/8) / 7 = 85.71'],
    ['exact', 10, 'every resource full'],
    ['full', 0, '9 of 8 GPUs would be used'],
    ['done', 2, 'finished pods use nothing'],
    ['freed', 0, 'a scale-down is freeing it'],
    ['unknown', 0, 'it is not in the fleet'],
  ];
  for (const [node, score, why] of byHand) {
    it(`scores the ${node} node ${score}: ${why}`, () => {
      const answer = prioritize(byName([node]), fleet, weights);
      assert.equal(JSON.stringify(answer), `[{"Host":"${node}","Score":${score}}]`);
    });
  }

  it('answers, byte for byte, in the order asked', () => {
    const answer = '[{"Host":"light","Score":3},{"Host":"empty","Score":2},{"Host":"n9","Score":0}]';
    assert.equal(JSON.stringify(prioritize(byName(['light', 'empty', 'n9']), fleet, weights)), answer);
    const nodes = ['light', 'empty'].map((name) => nodeObject(name));
    const unknown = nodeObject('n9', { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '2' });
    assert.equal(
      JSON.stringify(prioritize(byNode([...nodes, unknown]), fleet, weights)),
      answer.replace('"n9","Score":0', '"n9","Score":10'),
    );
  });

  for (const body of [byName([]), byNode([]), byNode(null)]) {
    it(`answers ${JSON.stringify(body).slice(-50)} with an empty list`, () => {
      assert.equal(JSON.stringify(prioritize(body, fleet, weights)), '[]');
    });
  }

  it('rounds halves up: 1 of 20 GPUs is 5 of 100, 0.5 of 10', () => {
    const twenty = nodeObject('n1', { 'nvidia.com/gpu': 20 });
    const ask = (gpus: number) => prioritize(byNode([twenty], pendingPod({ 'nvidia.com/gpu': gpus })), fleet, weights);
    assert.deepEqual(
      [1, 3, 5, 19].map((gpus) => ask(gpus)[0]?.Score),
      [1, 2, 3, 10],
    );
  });

  it('gives 0 to 10 whatever the configured weight of binpack', () => {
    const score = (weight: number) => prioritize(byName(['heavy']), fleet, { ...weights, weight })[0]?.Score;
    assert.deepEqual([0.5, 1, 10, 100].map(score), [9, 9, 9, 9]);
  });

  it('gives 0 for a pod that requests nothing that is weighed', () => {
    assert.deepEqual(scoresOf(prioritize(byName(['heavy'], pendingPod({})), fleet, weights)), { heavy: 0 });
  });

  it('answers 500 names, each once', () => {
    const names = Array.from({ length: 500 }, (_, index) => `n${index}`);
    const loads = names.map((node, index) => using(node, { 'nvidia.com/gpu': index % 8 }));
    const answer = prioritize(byName(names, pendingPod({ 'nvidia.com/gpu': 1 })), fleetOf(loads), weights);
    assert.deepEqual(
      answer.map(({ Host }) => Host),
      names,
    );
    // 100 · (k + 1) / 8 for k GPUs in use: 12.5 is 1, and so on.
    assert.deepEqual(
      answer.slice(0, 8).map(({ Score }) => Score),
      [1, 3, 4, 5, 6, 8, 9, 10],
    );
  });

  it('answers full nodes that equal the fleet’s as it answers their names', () => {
    const amounts = fc.record({
      cpu: fc.constantFrom('16', '64', '96500m'),
      memory: fc.constantFrom('64Gi', '512Gi', '128974848000m'),
      'nvidia.com/gpu': fc.constantFrom('0', '4', '8'),
    });
    const load = fc.record({
      cpu: fc.nat(32),
      memory: fc.constantFrom('1Gi', '1.5Gi', '1e9'),
      'nvidia.com/gpu': fc.nat(4),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(amounts, load), { maxLength: 6 }), load, fc.boolean(), (nodes, asked, isMarked) => {
        const objects = nodes.map(([allocatable], index) => nodeObject(`n${index}`, allocatable));
        const pods = nodes.flatMap(([, requests], index) =>
          isMarked && index === 0
            ? servingGroup(llama, 0, () => ({ node: 'n0', ...marked(0, 'llama-0') }))
            : [using(`n${index}`, requests)],
        );
        const known = fleetOf(pods, [llama], objects.map(readNode));
        const names = objects.map((_, index) => `n${index}`);
        assert.deepEqual(
          prioritize(byNode(objects, pendingPod(asked)), known, weights),
          prioritize(byName(names, pendingPod(asked)), known, weights),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('reads allocatable of what it is sent, which may be newer than the fleet', () => {
    const halved = nodeObject('light', { ...EIGHT_GPUS, 'nvidia.com/gpu': '4' });
    // 100 · (12/64 + 96/512 + 5 · 3/4) / 7 = 58.93
    assert.deepEqual(scoresOf(prioritize(byNode([halved]), fleet, weights)), { light: 6 });
  });
});
