import { parentPort } from 'node:worker_threads';
import { consolidate } from '../domain/planner/joint.ts';
import type { ConsolidationProblem } from '../domain/planner/problem.ts';

/** What runs in the thread: every message is a problem, and is answered with the members that go. */
parentPort?.on('message', (problem: ConsolidationProblem) => parentPort?.postMessage(consolidate(problem).removed));
