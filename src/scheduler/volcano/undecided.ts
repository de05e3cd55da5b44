import { objectBody } from './session-objects.ts';

/** A vote for neither side, in Volcano's plugins. */
const ABSTAIN = 0;
const DONE = { errorMessage: '' };

/**
 * The verbs of Volcano's extender plugin that packdown takes no part in, and the answer to each with which everything
 * goes on as if it had not been asked: a wrong one leaves pods pending.
 */
const ANSWERS: Readonly<Record<string, object>> = {
  preemptable: { status: ABSTAIN, victims: [] },
  reclaimable: { status: ABSTAIN, victims: [] },
  jobEnqueueable: { status: ABSTAIN },
  jobEnqueued: {},
  jobReady: { status: true },
  queueOverused: { overused: false },
  allocate: DONE,
  deallocate: DONE,
  // Volcano's documentation calls the verbs of `extender.allocateFuncVerb` and `extender.deallocateFuncVerb` so.
  allocateFunc: DONE,
  deallocateFunc: DONE,
  onSessionOpen: {},
  onSessionClose: {},
};

/** Verbs and how they are answered. The answers throw CodedError `InvalidVolcanoRequest` for what is no object. */
export const undecided: readonly (readonly [verb: string, answer: (body: unknown) => object])[] = Object.entries(
  ANSWERS,
).map(([verb, answer]) => [
  verb,
  (body) => {
    objectBody(body);
    return answer;
  },
]);
