import { parentPort, workerData } from 'node:worker_threads';
import { answer, type Question } from '../../src/planning/question.ts';

/**
 * The planner's thread, except that it does not answer before the gate is open: `workerData` is the gate, shut while 0.
 */
const gate: Int32Array = workerData;

parentPort?.on('message', (question: Question) => {
  Atomics.wait(gate, 0, 0);
  parentPort?.postMessage(answer(question));
});
