import type { Pod } from '../../src/domain/fleet/pod.ts';
import type { Candidate, Consumer, Pool } from '../../src/domain/victims/pool.ts';
import { NOW, ours, podOf } from './fleet.ts';
import { serving } from './workload.ts';

/** A candidate that stands for its pods; the first of them is its entry pod. */
export function candidate(ordinal: number, pods: readonly Pod[], rest: Partial<Candidate> = {}): Candidate {
  return {
    name: `llama-${ordinal}`,
    group: `llama-${ordinal}`,
    role: null,
    ordinal,
    ready: true,
    deleting: false,
    anchor: false,
    pods,
    entryPods: pods.slice(0, 1),
    ...rest,
  };
}

/**
 * Candidates from a line such as `5 7+2! 0x - _`: the costs of their pods by ordinal, `_` a pod without one; `!` not
 * ready, `x` on its way out, `-` no such ordinal.
 */
export function candidates(line: string): readonly Candidate[] {
  return line.split(' ').flatMap((word, ordinal) => {
    if (word === '-') return [];
    const [, costs = '', marks = ''] = /^([-\d+_]+)([!x]*)$/.exec(word) ?? [];
    const pods = costs.split('+').map((cost, index) =>
      podOf(`llama-${ordinal}-prefill-0-${index}`, {
        ...(cost === '_' ? {} : ours(Number(cost))),
        ready: !marks.includes('!'),
        deleting: marks.includes('x'),
      }),
    );
    return [candidate(ordinal, pods, { ready: !marks.includes('!'), deleting: marks.includes('x') })];
  });
}

/** A pool of which one member is to go, unless told otherwise. */
export function poolOf(consumer: Consumer, members: readonly Candidate[], rest: Partial<Pool> = {}): Pool {
  const wanted = rest.wanted ?? members.length - 1;
  const before = rest.before ?? members.length;
  return {
    request: { workload: serving(wanted, { prefill: 1 }), role: null, from: before, to: wanted },
    consumer,
    candidates: members,
    before,
    wanted,
    partition: 0,
    partitionBefore: rest.partition ?? 0,
    frozen: false,
    related: new Map(),
    now: NOW,
    ...rest,
  };
}
