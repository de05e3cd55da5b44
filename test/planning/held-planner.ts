import { Worker } from 'node:worker_threads';
import { PlannerThread } from '../../src/planning/planner-thread.ts';

/** A planner whose thread really runs, and answers nothing until it is released. */
export function heldPlanner() {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const troubles: string[] = [];
  const start = () => new Worker(new URL('./held-thread.ts', import.meta.url), { workerData: gate });
  const planner = new PlannerThread({ start, onTrouble: (problem) => troubles.push(problem) });
  const release = () => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  return { planner, troubles, release };
}
