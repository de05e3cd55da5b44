import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { binpackWeights, defaultConfig } from '../../src/config/config.ts';
import { parseResources } from '../../src/domain/resources/resource-list.ts';
import { filter, filterNames } from '../../src/scheduler/filter.ts';
import { KeptScores } from '../../src/scheduler/kept-scores.ts';
import { namedPlaces } from '../../src/scheduler/name-index.ts';
import { cutNodeNames } from '../../src/scheduler/node-names.ts';
import { placesOf } from '../../src/scheduler/places.ts';
import { prioritizeNames } from '../../src/scheduler/prioritize.ts';
import { priorityList } from '../../src/scheduler/priority-list.ts';
import { fleetOf, marked, nodeOf, podOf, servingGroup } from '../builders/fleet.ts';
import { serving } from '../builders/workload.ts';
import { byName, pendingPod, prioritized } from './extender-bodies.ts';

const weights = binpackWeights(defaultConfig);

function cutOf(args: object) {
  const cut = cutNodeNames(Buffer.from(JSON.stringify(args)));
  assert.ok(cut !== null);
  return cut;
}

/** The body as it is read in two parts; null where it is not cut. */
function rejoined(body: string): unknown {
  const cut = cutNodeNames(Buffer.from(body));
  if (cut === null) return null;
  const list: readonly { Host: string }[] = JSON.parse(priorityList(cut.names, () => 0).toString());
  return { ...JSON.parse(cut.json), NodeNames: list.map(({ Host }) => Host) };
}

describe('names that are cut out of a call', () => {
  for (const names of [['n1'], ['n1', 'n2', 'n1'], ['ip-10-24-33-101.eu-west-1.compute.internal', 'a'], ['', 'n1']]) {
    it(`are ${JSON.stringify(names)}, and the rest is read as JSON`, () => {
      assert.deepEqual(rejoined(JSON.stringify(byName(names))), byName(names));
    });
  }

  it('are those of the call, whatever its pod says of NodeNames', () => {
    const pod = { metadata: { annotations: { note: '"NodeNames":["x"]}' } } };
    assert.deepEqual(rejoined(JSON.stringify(byName(['n1'], pod))), byName(['n1'], pod));
  });

  const whole: readonly [title: string, body: string][] = [
    ['has no names', JSON.stringify(byName([]))],
    ['has null for names', JSON.stringify(byName(null))],
    ['has more names than there can be nodes', JSON.stringify(byName(Array(100_001).fill('n1')))],
    ['has spaces', '{"Pod":{},"NodeNames":["n1", "n2"]}'],
    ['ends with a line', '{"Pod":{},"NodeNames":["n1"]}\n'],
    ['has an escape in a name', '{"Pod":{},"NodeNames":["n\\u0031"]}'],
    ['has a name beyond ASCII', '{"Pod":{},"NodeNames":["é"]}'],
    ['has a line break in a name', '{"Pod":{},"NodeNames":["n\n1"]}'],
    ['has a number among its names', '{"Pod":{},"NodeNames":["n1",5]}'],
    ['has a list among its names', '{"Pod":{},"NodeNames":[["n1"]]}'],
    ['has its names first', '{"NodeNames":["n1"],"Pod":{}}'],
    ['has the names of something in it', '{"Pod":{"NodeNames":["n1"]}}'],
    ['has names in it and of its own', '{"Pod":{"NodeNames":["x"]},"NodeNames":["n1"]}'],
    ['has a comma too much', '{"Pod":{},"NodeNames":["n1",]}'],
    ['has no comma', '{"Pod":{},"NodeNames":["n1""n2"]}'],
    ['ends in a name', '{"Pod":{},"NodeNames":["n1'],
    ['ends in a name that looks like an end', '{"Pod":{},"NodeNames":["n1]}'],
    ['ends after a name', '{"Pod":{},"NodeNames":["n1"'],
    ['goes on after its end', '{"Pod":{},"NodeNames":["n1"]}]}'],
    ['is nothing but the key', '"NodeNames":['],
    ['is empty', ''],
  ];
  for (const [title, body] of whole) {
    it(`are none where the body ${title}: it is read as a whole`, () => assert.equal(rejoined(body), null));
  }

  it('are, with the rest, what JSON.parse reads, whatever else is called', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('"NodeNames":[', 'n1', '"]}', '\\', '],', '"'));
    const plain = fc.array(fc.stringMatching(/^[a-z0-9.-]{1,20}$/), { minLength: 1 });
    const names = fc.oneof({ weight: 3, arbitrary: plain }, fc.array(text));
    const object = fc.dictionary(
      fc.oneof(text, fc.constant('NodeNames')),
      fc.oneof(text, names, fc.dictionary(text, names)),
    );
    let wereCut = 0;
    fc.assert(
      fc.property(object, names, (fields, list) => {
        const body = JSON.stringify({ ...fields, NodeNames: list });
        const read = rejoined(body);
        if (read === null) return;
        wereCut += 1;
        assert.deepEqual(read, JSON.parse(body));
      }),
      { numRuns: 2000 },
    );
    assert.ok(wereCut > 200, `${wereCut} were cut`);
  });
});

describe('prioritize of names that were cut out', () => {
  const llama = serving(2, { decode: 1 });
  const nodes = ['n0', 'n1', 'n2', 'n3'];
  const event = fc.oneof(
    fc.record({ put: fc.constantFrom(...nodes), gpus: fc.constantFrom(2, 4, 8) }),
    fc.record({ drop: fc.constantFrom(...nodes) }),
    fc.record({ pod: fc.constantFrom('a', 'b', 'c'), node: fc.constantFrom(...nodes, 'n9'), gpus: fc.nat(4) }),
    fc.record({ gone: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ victims: fc.constantFrom(...nodes) }),
  );

  it('answers, byte for byte, what it answers a body that is read as a whole, as nodes and pods come and go', () => {
    const ask = fc.record({
      names: fc.array(fc.constantFrom(...nodes, 'n9', 'x'), { minLength: 1, maxLength: 8 }),
      gpus: fc.nat(4),
      targetSet: fc.subarray([...nodes, 'x']),
      stranding: fc.constantFrom(0, 2),
      warm: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(event, ask), { maxLength: 20 }), (steps) => {
        const fleet = fleetOf(
          [],
          [llama],
          nodes.map((name) => nodeOf(name)),
        );
        const kept = new KeptScores(weights);
        for (const [change, { names, gpus, targetSet, stranding, warm }] of steps) {
          if ('put' in change)
            fleet.putNode({
              ...nodeOf(change.put),
              allocatable: parseResources({ cpu: 64, 'nvidia.com/gpu': change.gpus }),
            });
          else if ('drop' in change) fleet.deleteNode(change.drop);
          else if ('pod' in change)
            fleet.putPod(
              podOf(change.pod, { node: change.node, requests: parseResources({ 'nvidia.com/gpu': change.gpus }) }),
            );
          else if ('gone' in change) fleet.deletePod('default', change.gone);
          else
            for (const pod of servingGroup(llama, 0, () => ({ node: change.victims, ...marked(0, 'llama-0') })))
              fleet.putPod(pod);
          const warmNodes = warm ? [{ selector: {}, count: 1 }] : [];
          const preferences = { ...defaultConfig.scheduler, targetSet, stranding, warmNodes };
          const args = byName(names, pendingPod({ 'nvidia.com/gpu': gpus }));
          const cut = cutOf(args);
          assert.equal(
            prioritizeNames(JSON.parse(cut.json), cut.names, fleet, preferences, kept).toString(),
            JSON.stringify(prioritized(args, fleet, weights, preferences)),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('finds each of 20,000 nodes', () => {
    const names = Array.from({ length: 20_000 }, (_, n) => `ip-10-${n}`);
    const fleet = fleetOf(
      names.map((node, n) => podOf(`on-${node}`, { node, requests: parseResources({ 'nvidia.com/gpu': n % 8 }) })),
      [],
      names.map((name) => nodeOf(name)),
    );
    const cut = cutOf(byName(names));
    const preferences = { ...defaultConfig.scheduler, targetSet: [] };
    const answer = prioritizeNames(JSON.parse(cut.json), cut.names, fleet, preferences, new KeptScores(weights));
    assert.equal(answer.toString(), JSON.stringify(prioritized(byName(names), fleet, weights)));
  });
});

describe('names of any length', () => {
  /** Many that differ in one place, which may be any. */
  const name = fc.stringMatching(/^[ab]{1,13}$/);

  it('are found, and no others', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.array(name, { minLength: 1 }), (known, asked) => {
        const fleet = fleetOf(
          [],
          [],
          known.map((one) => nodeOf(one)),
        );
        const { nodeTable } = fleet;
        const places = namedPlaces(cutOf(byName(asked)).names, nodeTable);
        assert.deepEqual([...places], [...placesOf(asked, nodeTable)]);
      }),
    );
  });

  it('are written as they came, each with its score', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.nat(10)), { minLength: 1 }), (entries) => {
        const { names } = cutOf(byName(entries.map(([one]) => one)));
        const list = priorityList(names, (asked) => entries[asked]?.[1] ?? -1);
        assert.equal(list.toString(), JSON.stringify(entries.map(([Host, Score]) => ({ Host, Score }))));
      }),
    );
  });
});

describe('filter of names that were cut out', () => {
  const llama = serving(1, { decode: 1 });
  const fleet = fleetOf(
    servingGroup(llama, 0, () => ({ node: 'freed', ...marked(0, 'llama-0') })),
    [llama],
    ['n1', 'freed'].map((name) => nodeOf(name)),
  );
  const calls: readonly [names: readonly string[], staleness: number | null][] = [
    [['n1', 'freed', 'x'], 0],
    [['freed'], 0],
    [['n1', 'freed'], null],
  ];
  for (const [names, staleness] of calls) {
    for (const [title, snapshot] of [
      ['one node is being freed', fleet],
      ['none is', fleetOf([])],
    ] as const) {
      it(`answers ${names.join(', ')} as it answers a body that is read as a whole, while ${title}, at a staleness of ${staleness}`, () => {
        const cut = cutOf(byName(names));
        const answer = filterNames(JSON.parse(cut.json), cut.names, snapshot, staleness);
        const bytes = Buffer.isBuffer(answer) ? answer.toString() : JSON.stringify(answer);
        assert.equal(bytes, JSON.stringify(filter(byName(names), snapshot, staleness)));
      });
    }
  }
});

describe('a list of priorities', () => {
  it('has no place for a score that kube-scheduler would not take', () => {
    const cut = cutOf(byName(['n1']));
    for (const score of [-1, 11, 1.5, Number.NaN]) {
      assert.throws(() => priorityList(cut.names, () => score), /name 0 has a score of/);
    }
  });
});
