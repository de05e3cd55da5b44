import { parentPort, workerData } from 'node:worker_threads';
import { consolidate } from '../../src/domain/planner/joint.ts';
import type { Question } from '../../src/planning/questions.ts';

/** The planner's thread, except that it does not answer before the gate is open: `workerData` is the gate, shut while 0. */
const gate: Int32Array = workerData;

parentPort?.on('message', ({ id, problem }: Question) => {
  Atomics.wait(gate, 0, 0);
  parentPort?.postMessage({ id, removed: consolidate(problem).removed });
});
