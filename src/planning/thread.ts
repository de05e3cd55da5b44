import { parentPort } from 'node:worker_threads';
import { consolidate } from '../domain/planner/joint.ts';
import type { Answer, Question } from './questions.ts';

/** What runs in the thread: one question after another. */
parentPort?.on('message', ({ id, problem }: Question) => {
  const answer: Answer = { id, removed: consolidate(problem).removed };
  parentPort?.postMessage(answer);
});
