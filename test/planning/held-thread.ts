import { parentPort, workerData } from 'node:worker_threads';
import { consolidate } from '../../src/domain/planner/joint.ts';
import type { ConsolidationProblem } from '../../src/domain/planner/problem.ts';

/** The planner's thread, except that it does not answer before the gate is open: `workerData` is the gate, shut while 0. */
const gate: Int32Array = workerData;

parentPort?.on('message', (problem: ConsolidationProblem) => {
  Atomics.wait(gate, 0, 0);
  parentPort?.postMessage(consolidate(problem).removed);
});
