import { CodedError, messageOf } from '../domain/coded-error.ts';
import { allowed, answer, type Decision } from './response.ts';
import { type AdmissionRequest, readReview, SUPPORTED_VERSION } from './review.ts';

/** Told of every answer; `problem` is why a review could not be judged and was therefore allowed, null when it was. */
export type OnAnswered = (request: AdmissionRequest, decision: Decision, problem: unknown) => void;

/**
 * Turns a decision on a request into a handler of AdmissionReviews. Whatever goes wrong once there is a uid to answer
 * is allowed with a warning: a cluster must never stop because of packdown. Without a uid it throws CodedError.
 */
export function admissionHandler(
  decide: (request: AdmissionRequest) => Decision | Promise<Decision>,
  onAnswered: OnAnswered,
): (body: unknown, patience?: number) => object | Promise<object> {
  return (body, patience) => {
    const review = readReview(body, patience);
    const { apiVersion, request } = review;
    const tell = (decision: Decision, problem: unknown = null) => {
      onAnswered(request, decision, problem);
      return answer(review, decision);
    };
    const allowUnjudged = (problem: unknown) => {
      const message = messageOf(problem);
      return tell(unjudged(`packdown could not judge this, and allowed it: ${message}`), problem);
    };
    if (apiVersion !== SUPPORTED_VERSION) {
      const problem = new CodedError('UnsupportedVersion', `packdown reads ${SUPPORTED_VERSION}, not ${apiVersion}`);
      return tell(unjudged(`${problem.message}; allowed without a look`), problem);
    }
    let decision: Decision | Promise<Decision>;
    try {
      decision = decide(request);
    } catch (problem) {
      return allowUnjudged(problem);
    }
    // Most is decided at once, and a promise for it would take as long as the rules.
    return decision instanceof Promise ? decision.then((late) => tell(late), allowUnjudged) : tell(decision);
  };
}

function unjudged(warning: string): Decision {
  return { ...allowed([warning]), doubt: 'unjudged' };
}
