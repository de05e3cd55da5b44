import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { consolidate } from '../../src/domain/planner/joint.ts';
import { nestedTargets } from '../../src/domain/planner/nested-targets.ts';
import { prove } from '../../src/domain/planner/prove.ts';
import { PlannerThread, type PlannerThreadOptions } from '../../src/planning/planner-thread.ts';
import { turns } from '../builders/turns.ts';
import { heldPlanner } from './held-planner.ts';
import { largeProblem } from './large-problem.ts';

const LONG = 60_000;
const problem = largeProblem();
const expected = consolidate(problem).removed;

function planner(t: TestContext, start?: () => Worker, hangsAfter = LONG, rest: Partial<PlannerThreadOptions> = {}) {
  const troubles: string[] = [];
  const thread = new PlannerThread({
    onTrouble: (trouble) => troubles.push(trouble),
    hangsAfter,
    ...(start && { start }),
    ...rest,
  });
  t.after(() => thread.close());
  return { thread, troubles };
}

/** A thread of this JavaScript the first time, and as it should be from then on. */
function onceBroken(code: string): () => Worker {
  const { url } = import.meta;
  let isBroken = true;
  return () => {
    if (!isBroken) return new Worker(new URL('../../src/planning/thread.ts', url));
    isBroken = false;
    return new Worker(code, { eval: true });
  };
}

describe("the planner's thread", () => {
  it('chooses what the planner chooses, question by question', async (t) => {
    const { thread, troubles } = planner(t);
    const problems = [60, 66, 72].map(largeProblem);
    const answers = await Promise.all(problems.map((each) => thread.solve(each, LONG)));
    assert.deepEqual(
      answers,
      problems.map((each) => consolidate(each).removed),
    );
    assert.deepEqual(troubles, []);
  });

  it('finds the nodes to be free in the end, beside other questions', async (t) => {
    const { thread, troubles } = planner(t);
    const known = { ...problem, warmStart: [0, 1] };
    const expectedNodes = [...new Set(nestedTargets(known).flat())];
    assert.ok(expectedNodes.length > 0);
    assert.deepEqual(await Promise.all([thread.findTargets(known), thread.solve(problem, LONG)]), [
      expectedNodes,
      expected,
    ]);
    assert.deepEqual(troubles, []);
  });

  it('proves how good a choice is, large or small', async (t) => {
    const { thread, troubles } = planner(t);
    const small = { ...problem, members: problem.members.slice(0, 25), budgets: [8] };
    for (const each of [problem, small]) assert.deepEqual(await thread.prove(each), prove(each));
    assert.deepEqual(troubles, []);
  });

  it('ends when nobody waits if it is told to, and another answers the next question', { timeout: LONG }, async (t) => {
    const { url } = import.meta;
    const workers: Worker[] = [];
    const start = () => {
      const worker = new Worker(new URL('../../src/planning/thread.ts', url));
      workers.push(worker);
      return worker;
    };
    const { thread, troubles } = planner(t, start, LONG, { endsWhenIdle: true });
    const both = [60, 66].map(largeProblem).map((each) => thread.solve(each, LONG));
    await Promise.all(both);
    const [first] = workers;
    assert.ok(first !== undefined && workers.length === 1, 'one for both: the second was waiting');
    if (first.threadId !== -1) await once(first, 'exit');
    assert.deepEqual(await thread.solve(problem, LONG), expected);
    assert.equal(workers.length, 2);
    assert.deepEqual(troubles, []);
  });

  it('is not asked about small problems, which are solved at once', (t) => {
    const { thread } = planner(t, () => assert.fail('no thread is needed'));
    const small = { ...problem, members: problem.members.slice(0, 25), budgets: [8] };
    assert.deepEqual(thread.solve(small, LONG), consolidate(small).removed);
  });

  it('leaves the main thread free while it thinks', async () => {
    const { planner: held, troubles, release } = heldPlanner();
    let answered = false;
    const answer = Promise.resolve(held.solve(problem, LONG)).finally(() => {
      answered = true;
    });
    await turns(100);
    assert.equal(answered, false);
    release();
    assert.deepEqual(await answer, expected);
    assert.deepEqual(troubles, []);
    await held.close();
  });

  for (const [what, code, trouble] of [
    ['hangs', 'for (;;) ;', /^the planner's thread has not answered for 50 ms; another is started$/],
    ['crashes', 'throw new Error("out of order")', /^the planner's thread failed: out of order; another is started$/],
    ['ends', 'process.exit()', /^the planner's thread ended; another is started$/],
  ] as const) {
    it(`that ${what} is told, answers null, and is replaced for the next question`, async (t) => {
      const { thread, troubles } = planner(t, onceBroken(code), what === 'hangs' ? 50 : LONG);
      assert.equal(await thread.solve(problem, LONG), null);
      assert.equal(troubles.length, 1);
      assert.match(troubles[0] ?? '', trouble);
    });
  }

  it('is replaced for those who wait as well', async (t) => {
    const { thread, troubles } = planner(t, onceBroken('process.exit()'));
    const answers = [thread.solve(problem, LONG), thread.solve(problem, LONG)];
    assert.deepEqual(await Promise.all(answers), [null, expected]);
    assert.equal(troubles.length, 1);
  });

  it('answers null to whoever loses patience, and is not asked about it any more if it was not yet', async () => {
    const { planner: held, troubles, release } = heldPlanner();
    const other = largeProblem(66);
    const first = held.solve(problem, 10);
    const [second, third] = [held.solve(problem, 10), held.solve(other, LONG)];
    assert.deepEqual(await Promise.all([first, second]), [null, null]);
    release();
    assert.deepEqual(await third, consolidate(other).removed);
    assert.deepEqual(troubles, []);
    await held.close();
  });

  it('that cannot be started is told, and answers null', async (t) => {
    const { thread, troubles } = planner(t, () => {
      throw new Error('no threads here');
    });
    assert.equal(await thread.solve(problem, LONG), null);
    assert.deepEqual(troubles, ["the planner's thread cannot be started: no threads here"]);
  });

  it('is not asked when no time is left', async (t) => {
    const { thread } = planner(t, () => assert.fail('no thread is needed'));
    assert.equal(await thread.solve(problem, 0), null);
  });

  it('that is closed leaves nobody waiting, and is no trouble', async () => {
    const { planner: held, troubles } = heldPlanner();
    const answer = held.solve(problem, LONG);
    await held.close();
    assert.equal(await answer, null);
    assert.deepEqual(troubles, []);
  });
});
