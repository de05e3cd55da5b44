import type { Logger } from 'pino';
import type { OnAnswered } from '../admission/handler.ts';
import type { Decision } from '../admission/response.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { CodedError } from '../domain/coded-error.ts';
import { abridgeText } from './abridge.ts';
import { type DECISIONS, LABEL_VALUES, resourceLabel } from './label-values.ts';
import type { Metrics } from './metrics.ts';

/** Counts the answers at a path, and tells the log, and `onDenied`, of those that somebody may ask about later. */
export function answerObserver(
  path: string,
  metrics: Metrics,
  log: Logger,
  onDenied: (request: AdmissionRequest, decision: Decision) => void,
): OnAnswered {
  const { resource: resources, decision: decisions } = LABEL_VALUES.packdown_admission_requests_total;
  const seriesOf = (resource: string) =>
    new Map(decisions.map((decision) => [decision, metrics.admissionRequests.series({ path, resource, decision })]));
  const counts = new Map(resources.map((resource) => [resource, seriesOf(resource)]));
  return (request, decision, problem) => {
    const label = decisionLabel(decision);
    counts.get(resourceLabel(request.group, request.resource))?.get(label)?.();
    for (const { rule, mode } of decision.findings) metrics.orderingFindings.inc({ rule, mode });
    if (problem !== null) logUnjudged(log, about(path, request), problem);
    else if (!decision.allowed) {
      log.info({ ...about(path, request), reason: abridgeText(decision.message ?? '') }, 'refused');
      onDenied(request, decision);
    } else if (log.isLevelEnabled('debug')) log.debug({ ...about(path, request), decision: label }, 'answered');
  };
}

function about(path: string, { resource, namespace, name }: AdmissionRequest): object {
  return {
    path,
    resource: abridgeText(resource),
    namespace: abridgeText(namespace),
    name: abridgeText(name),
  };
}

function decisionLabel({ allowed, doubt, patch }: Decision): (typeof DECISIONS)[number] {
  if (!allowed) return 'denied';
  return doubt ?? (patch.length > 0 ? 'patched' : 'allowed');
}

/** A CodedError is the review's own fault; anything else is ours, and nothing but a new version mends it. */
function logUnjudged(log: Logger, about: object, problem: unknown): void {
  const isOurs = !(problem instanceof CodedError);
  log[isOurs ? 'error' : 'warn'](
    { ...about, problem: abridgeText(String(problem)) },
    'a review could not be judged and was allowed',
  );
}
