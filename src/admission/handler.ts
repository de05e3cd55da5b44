import { allowed, answer, type Decision } from './response.ts';
import { type AdmissionRequest, readReview, SUPPORTED_VERSION } from './review.ts';

/** Told of every review that could not be judged and was therefore allowed. */
export type OnUnjudged = (request: AdmissionRequest, problem: unknown) => void;

/**
 * Turns a decision on a request into a handler of AdmissionReviews. Whatever goes wrong once there is a uid to answer
 * is allowed with a warning: a cluster must never stop because of packdown. Without a uid it throws CodedError.
 */
export function admissionHandler(
  decide: (request: AdmissionRequest) => Decision | Promise<Decision>,
  onUnjudged: OnUnjudged,
): (body: unknown) => Promise<object> {
  return async (body) => {
    const review = readReview(body);
    if (review.apiVersion !== SUPPORTED_VERSION) {
      return answer(
        review,
        allowed([`packdown reads ${SUPPORTED_VERSION}, not ${review.apiVersion}; allowed without a look`]),
      );
    }
    try {
      return answer(review, await decide(review.request));
    } catch (error) {
      onUnjudged(review.request, error);
      const problem = error instanceof Error ? error.message : String(error);
      return answer(review, allowed([`packdown could not judge this, and allowed it: ${problem}`]));
    }
  };
}
