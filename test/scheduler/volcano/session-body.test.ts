import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cutSession } from '../../../src/scheduler/volcano/session-body.ts';
import { askedFor, recorded, recordedNodes } from './volcano-bodies.ts';

const body = recorded('prioritize');
const asGo = (value: unknown) => Buffer.from(JSON.stringify(value));
const cutOf = (value: unknown): unknown => JSON.parse(cutSession(asGo(value)) ?? 'null');

describe('of what a session says of its nodes', () => {
  it('what is read stays, and the keys of tasks', () => {
    const [, busy = {}] = recordedNodes();
    const { Name, Used, Allocatable } = busy;
    assert.deepEqual(cutOf({ ...body, nodes: [busy] }), {
      task: body.task,
      nodes: [{ Name, Used, Allocatable, Tasks: { 'v/cap1': 0 } }],
    });
  });

  it('the rest is left out, whatever it is', () => {
    const node = fc.record({
      Name: fc.string(),
      Used: fc.option(fc.object()),
      Allocatable: fc.option(fc.object()),
      Tasks: fc.option(fc.dictionary(fc.string(), fc.jsonValue())),
    });
    const others = fc.dictionary(
      fc.string().filter((key) => !['Name', 'Used', 'Allocatable', 'Tasks'].includes(key)),
      fc.jsonValue(),
    );
    const nodes = fc.array(fc.tuple(others, node, others));
    const task = fc.jsonValue();
    fc.assert(
      fc.property(task, nodes, fc.boolean(), (asked, listed, isFirst) => {
        const whole = listed.map(([before, kept, after]) => ({ ...before, ...kept, ...after }));
        const kept = listed.map(([, { Tasks, ...rest }]) => ({
          ...rest,
          Tasks: Tasks && Object.fromEntries(Object.keys(Tasks).map((key) => [key, 0])),
        }));
        const put = (list: unknown) => (isFirst ? { nodes: list, task: asked } : { task: asked, nodes: list });
        assert.deepEqual(cutOf(put(whole)), JSON.parse(JSON.stringify(put(kept))));
      }),
    );
  });

  it('a task, or a node within one, may say of nodes what it likes', () => {
    const metadata = { annotations: { note: '"nodes":[{"Name":"x"}]' } };
    const asked = { ...askedFor('prioritize', { metadata, task: { nodes: [{ Name: 'x', Node: 1 }] } }), nodes: [] };
    assert.deepEqual(cutOf(asked), asked);
  });

  it('nodes that are no list are left to who reads them', () => {
    for (const nodes of [null, {}, 'n1', 5]) assert.deepEqual(cutOf({ ...body, nodes }), { ...body, nodes });
    const odd = {
      ...body,
      nodes: [
        { Name: 'n1', Tasks: null },
        { Name: ['n2'], Used: 'x' },
      ],
    };
    assert.deepEqual(cutOf(odd), odd);
  });
});

describe('a body is read as a whole', () => {
  const cases: readonly [title: string, body: string][] = [
    ['with spaces, as nobody sends it', JSON.stringify(body, undefined, 2)],
    ['of no object', '[{"nodes":[]}]'],
    ['with nodes that are no objects', '{"nodes":["n1"]}'],
    ['of nothing', ''],
    ['with something behind it', '{"nodes":[]} '],
    ['without a value', '{"nodes":[{"Name":}]}'],
  ];
  for (const [title, text] of cases) it(title, () => assert.equal(cutSession(Buffer.from(text)), null));

  it('that is cut off, wherever', () => {
    const whole = asGo({ ...body, nodes: recordedNodes().slice(1, 2) });
    for (let length = 0; length < whole.length; length += 1) assert.equal(cutSession(whole.subarray(0, length)), null);
  });
});

it('a deep value that is left out takes no more of the stack than a flat one', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  assert.equal(cutSession(Buffer.from(`{"nodes":[{"Node":${deep},"Name":"n1"}]}`)), '{"nodes":[{"Name":"n1"}]}');
});
