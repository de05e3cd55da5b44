import { parentPort } from 'node:worker_threads';
import { answer, type Question } from './question.ts';

/** What runs in the thread: every message is a question, and its answer is the next one back. */
parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)));
