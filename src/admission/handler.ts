import { CodedError } from '../domain/coded-error.ts';
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
): (body: unknown) => Promise<object> {
  return async (body) => {
    const review = readReview(body);
    const { apiVersion, request } = review;
    const tell = (decision: Decision, problem: unknown) => {
      onAnswered(request, decision, problem);
      return answer(review, decision);
    };
    if (apiVersion !== SUPPORTED_VERSION) {
      const problem = new CodedError('UnsupportedVersion', `packdown reads ${SUPPORTED_VERSION}, not ${apiVersion}`);
      return tell(unjudged(`${problem.message}; allowed without a look`), problem);
    }
    let decision: Decision;
    try {
      decision = await decide(request);
    } catch (problem) {
      const message = problem instanceof Error ? problem.message : String(problem);
      return tell(unjudged(`packdown could not judge this, and allowed it: ${message}`), problem);
    }
    return tell(decision, null);
  };
}

function unjudged(warning: string): Decision {
  return { ...allowed([warning]), doubt: 'unjudged' };
}
