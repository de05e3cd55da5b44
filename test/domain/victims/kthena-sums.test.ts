import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kthenaGroups, kthenaRoles } from '../../../src/domain/victims/kthena.ts';
import type { Candidate, Encoding, Pool, SteerableConsumer } from '../../../src/domain/victims/pool.ts';
import { marked, ours, podOf, theirs } from '../../builders/fleet.ts';
import { candidate, candidates, poolOf } from '../../builders/pool.ts';

interface Situation {
  readonly members: readonly Candidate[];
  /** Ordinals of those that go already, and of those that are to go next. */
  readonly committed?: readonly number[];
  readonly chosen: readonly number[];
  readonly consumer?: SteerableConsumer;
  readonly rest?: Partial<Pool>;
}

function encode({ members, committed = [], chosen, consumer = kthenaGroups, rest = {} }: Situation): Encoding {
  const named = (ordinals: readonly number[]) => members.filter(({ ordinal }) => ordinals.includes(ordinal));
  return consumer.encode(poolOf(consumer, members, rest), named(committed), named(chosen), () => 20);
}

/** The writes as `group.pod=cost`, in order, a victim's with a `!`. */
function written(situation: Situation): readonly string[] {
  const encoding = encode(situation);
  assert.ok(encoding.ok, encoding.ok ? '' : encoding.reason);
  return encoding.costs.map(({ carrier, cost, victim }) => {
    const place = carrier.name.replace('llama-', '').replace('-prefill-0-', '.');
    return `${place}=${cost}${victim === null ? '' : '!'}`;
  });
}

const pods = (ordinal: number, ...costs: readonly Parameters<typeof podOf>[1][]) =>
  candidate(
    ordinal,
    costs.map((cost, index) => podOf(`llama-${ordinal}-prefill-0-${index}`, cost)),
  );

/** A group whose first and last pods are role replicas beyond the spec. */
const shrinking = (...[ordinal, ...costs]: Parameters<typeof pods>) => {
  const group = pods(ordinal, ...costs);
  return { ...group, leaving: [...group.pods.slice(0, 1), ...group.pods.slice(-1)] };
};

const ENCODINGS: readonly (Situation & { readonly name: string; readonly writes: readonly string[] })[] = [
  {
    name: 'a victim is lowered as far as it goes, dearest pod first: a survivor may lose most of its costs meanwhile',
    members: candidates('20+20 9+30+1 25+25'),
    chosen: [1],
    writes: ['1.1=0!', '1.0=0!', '1.2=0!'],
  },
  {
    name: 'what is far below the survivors already is marked only',
    members: candidates('9 3 9'),
    chosen: [1],
    writes: ['1.0=3!'],
  },
  {
    name: 'what is just below the survivors is lowered as well, so that later ones fit between',
    members: candidates('80 40+39 80'),
    chosen: [1],
    writes: ['1.0=0!', '1.1=0!'],
  },
  {
    name: 'what is far below and marked is left alone',
    members: [...candidates('9'), pods(1, marked(3, 'llama-1'), ours(1)), ...candidates('- - 9')],
    chosen: [1],
    writes: [],
  },
  {
    name: 'survivors without a cost are raised by one pod, as high as their whole score, before a victim is lowered',
    members: candidates('_+_ 50 0+_'),
    chosen: [1],
    writes: ['0.0=40', '2.0=40', '1.0=0!'],
  },
  {
    name: 'a pod without a cost is raised when the entry pod has one',
    members: [pods(0, ours(0), theirs(0)), pods(1, theirs(5))],
    chosen: [1],
    writes: ['0.0=22'],
  },
  {
    name: 'a negative cost of ours is taken back to 0',
    members: candidates('20 -5+30 20'),
    chosen: [1],
    writes: ['1.1=0!', '1.0=0!'],
  },
  {
    name: 'the next victim goes just above what goes already, so that later ones fit between it and what stays',
    members: candidates('40 10x 57 60'),
    committed: [1],
    chosen: [2],
    writes: ['2.0=11!'],
  },
  {
    name: 'a victim below what goes already is lifted above it',
    members: candidates('40 10x 0 60'),
    committed: [1],
    chosen: [2],
    writes: ['2.0=11!'],
  },
  {
    name: 'a victim of several pods is lifted by the one, as far as all of them together have to rise',
    members: candidates('40 10x 3+2 60'),
    committed: [1],
    chosen: [2],
    writes: ['2.0=9!'],
  },
  {
    name: 'what is on its way out with the costs of one that stays is lowered to 0 before anything else',
    members: candidates('40 20+15x 57 60'),
    committed: [1],
    chosen: [2],
    writes: ['1.0=0', '1.1=0', '2.0=1!'],
  },
  {
    name: 'survivors with costs are raised where nothing fits below them',
    members: [...candidates('40'), pods(1, { ...theirs(50), deleting: true }), ...candidates('- - 57 20+31 60+_')],
    committed: [1],
    chosen: [2],
    writes: ['0.0=68', '3.0=37', '2.0=51!'],
  },
  {
    name: 'survivors are raised above a victim that somebody else holds up',
    members: [...candidates('20'), pods(1, theirs(60), ours(1))],
    chosen: [1],
    writes: ['0.0=77', '1.1=1!'],
  },
  {
    name: 'survivors are raised above what goes already though nothing is chosen',
    members: [...candidates('_'), pods(1, { ...theirs(10), deleting: true }), ...candidates('- - _')],
    committed: [1],
    chosen: [],
    writes: ['0.0=27', '2.0=27'],
  },
  {
    name: 'a victim whose sum hides a high cost behind a negative one stays below the survivors as its pods vanish',
    members: [...candidates('20'), pods(1, theirs(-50), ours(60)), ...candidates('- - 20')],
    chosen: [1],
    // The sum of 10 is below 20, but with the −50 gone 60 would show.
    writes: ['1.1=0!'],
  },
  {
    name: 'a survivor counts without the pods that are on their way out',
    members: [pods(0, ours(5), { ...ours(90), deleting: true }), ...candidates('- 30+3')],
    chosen: [1],
    writes: ['1.0=0!', '1.1=0!'],
  },
  {
    name: 'a survivor counts without the role replicas that leave it, and is not raised on them',
    members: [shrinking(0, ours(50), ours(0), ours(0)), ...candidates('- 30+9')],
    chosen: [1],
    writes: ['0.1=20', '1.0=0!', '1.1=0!'],
  },
  {
    name: 'a victim that is not ready is lowered as well, since Kthena may count it as ready',
    members: candidates('20 90! 20'),
    chosen: [1],
    writes: ['1.0=0!'],
  },
  {
    name: 'survivors without a cost are raised above a victim that is not ready',
    members: candidates('_ 90! 20'),
    chosen: [1],
    writes: ['0.0=20', '1.0=0!'],
  },
  {
    name: 'a victim that is not ready and far below what stays is marked only',
    members: candidates('20 _! 20'),
    chosen: [1],
    writes: ['1.0=0!'],
  },
  {
    name: 'a role replica that is not ready is lowered as well',
    members: candidates('20 90! 20'),
    chosen: [1],
    consumer: kthenaRoles,
    writes: ['1.0=0!'],
  },
  {
    name: 'nothing is written for what goes before the partition, ready or not',
    members: candidates('1 1! 90!'),
    chosen: [2],
    rest: { partition: 2 },
    writes: [],
  },
  {
    name: 'nothing is written for a victim that the partition leaves alone as the only one',
    members: candidates('1 1 90'),
    chosen: [2],
    rest: { partition: 2 },
    writes: [],
  },
  {
    name: 'nothing is written for a survivor that the partition keeps, though what goes already would pass it',
    members: candidates('_ _ 10x 57'),
    committed: [2],
    chosen: [3],
    rest: { partition: 2 },
    writes: [],
  },
  {
    name: 'once protected groups go, what slides into the partition stays below them',
    members: candidates('20 5 90'),
    chosen: [2, 1],
    rest: { partition: 2 },
    writes: ['1.0=5!', '2.0=0!'],
  },
  {
    name: 'nothing is written when all go',
    members: candidates('20 5 90'),
    chosen: [0, 1, 2],
    writes: [],
  },
  {
    name: 'a role replica on its way out is no bar to the next one',
    members: candidates('40 99x 57 60'),
    committed: [1],
    chosen: [2],
    consumer: kthenaRoles,
    writes: ['2.0=0!'],
  },
];

describe('costs for Kthena', () => {
  for (const { name, writes, ...situation } of ENCODINGS) {
    test(name, () => assert.deepEqual(written(situation), writes));
  }
});

const DOUBTS: readonly (Situation & { readonly name: string; readonly doubt: RegExp | null })[] = [
  {
    name: 'neither what goes nor what stays is ready',
    members: candidates('20! 90! 30'),
    chosen: [1],
    doubt: /^llama-0 is not ready and stays, and Kthena takes it before llama-1 if it counts only that one as ready$/,
  },
  {
    name: 'what goes already is not ready, and neither is what stays',
    members: candidates('20! 1x! 30!'),
    committed: [1],
    chosen: [2],
    doubt: /^llama-0 is not ready and stays, and Kthena takes it before llama-2 /,
  },
  { name: 'all that stays is ready', members: candidates('20 90! 30'), chosen: [1], doubt: null },
  {
    name: 'what is not ready stays, protected by the partition',
    members: candidates('20! 90! 30'),
    chosen: [1],
    rest: { partition: 1 },
    doubt: null,
  },
];

describe('whether Kthena may take something else is', () => {
  for (const { name, doubt, ...situation } of DOUBTS) {
    test(`${doubt === null ? 'certain' : 'in doubt'} when ${name}`, () => {
      const encoding = encode(situation);
      assert.ok(encoding.ok);
      if (doubt === null) assert.equal(encoding.doubt, undefined);
      else assert.match(encoding.doubt ?? '', doubt);
    });
  }
});

const REFUSALS: readonly (Situation & { readonly name: string; readonly reason: RegExp })[] = [
  {
    name: 'no integer is left between what goes and what stays',
    members: [...candidates('40'), pods(1, { ...theirs(38), deleting: true }), pods(2, theirs(-1), ours(57))],
    committed: [1],
    chosen: [2],
    reason: /^no cost for llama-2 fits between what is already going and what stays$/,
  },
  {
    name: 'what goes already carries the highest cost there is, and one pod cannot exceed it',
    members: [
      pods(0, theirs(2 ** 31 - 1), ours(100)),
      pods(1, { ...theirs(2 ** 31 - 1), deleting: true }),
      ...candidates('- - 5'),
    ],
    committed: [1],
    chosen: [2],
    reason: /^no cost for llama-2 fits between what is already going and what stays$/,
  },
  {
    name: 'somebody else holds a survivor down',
    members: [pods(0, theirs(-60), theirs(2)), ...candidates('- 9')],
    chosen: [1],
    reason: /^llama-0 cannot be kept: the costs that its pods carry sum up to -58$/,
  },
  {
    name: 'somebody else holds a victim below what goes already',
    members: [...candidates('40 10x'), pods(2, theirs(5))],
    committed: [1],
    chosen: [2],
    reason: /^every cost of llama-2 was written by somebody else$/,
  },
  {
    name: 'a group that is not ready loses the protection of the partition while others go',
    members: candidates('20! 5! 90 90'),
    chosen: [2, 3, 1],
    rest: { partition: 2 },
    reason: /^llama-0 is not ready, and the partition that protects it moves while others go$/,
  },
  {
    name: 'groups are going down while a role is scaled',
    members: candidates('20 57'),
    chosen: [1],
    consumer: kthenaRoles,
    rest: { frozen: true },
    reason: /^a scale-down of groups is in progress/,
  },
];

describe('there are no costs for Kthena when', () => {
  for (const { name, reason, ...situation } of REFUSALS) {
    test(name, () => {
      const encoding = encode(situation);
      assert.match(encoding.ok ? 'there are' : encoding.reason, reason);
    });
  }
});
