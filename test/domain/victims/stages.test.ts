import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CostWrite } from '../../../src/domain/fleet/cost-write.ts';
import { kthenaCost } from '../../../src/domain/victims/cost-grammar.ts';
import { mergeStages, type Stages, stagesOf } from '../../../src/domain/victims/stages.ts';
import { ours, podOf } from '../../builders/fleet.ts';

/** A write from one cost to another, of a victim's pod or a survivor's. */
function write(name: string, from: number | null, to: number, victim: string | null): CostWrite {
  return { carrier: podOf(name, from === null ? {} : ours(from)), to: String(to), victim };
}

const names = (stages: Stages) => stages.map((stage) => stage.map(({ carrier }) => carrier.name));

test('survivors rise, then victims fall or stay where they are, then victims rise', () => {
  const writes = [
    write('survivor', null, 40, null),
    write('v1-falls', 30, 0, 'v1'),
    write('v1-rises', null, 7, 'v1'),
    write('v2-stays', 3, 3, 'v2'),
    write('v2-was-invalid', null, 0, 'v2'),
    write('other-survivor', 2, 41, null),
  ];
  assert.deepEqual(names(stagesOf(writes, kthenaCost)), [
    ['survivor', 'other-survivor'],
    ['v1-falls', 'v2-stays', 'v2-was-invalid'],
    ['v1-rises'],
  ]);
});

test('pools go side by side, stage by stage, and a stage that nobody needs is left out', () => {
  const one = stagesOf([write('a', null, 9, null), write('b', null, 5, 'b')], kthenaCost);
  const other = stagesOf([write('c', null, 5, 'c'), write('d', null, 8, null)], kthenaCost);
  assert.deepEqual(names(mergeStages([one, other])), [
    ['a', 'd'],
    ['b', 'c'],
  ]);
  assert.deepEqual(mergeStages([]), []);
});
