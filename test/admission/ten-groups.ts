import type { Workload } from '../../src/domain/fleet/workload.ts';
import { fleetOf, marksIn, ours, servingGroup } from '../builders/fleet.ts';
import { REVIEW_UID, type RequestFields, scaleReview } from '../builders/review.ts';
import { serving } from '../builders/workload.ts';
import { answerTo, type WebhookOptions, webhook } from './webhook.ts';

/** Ten groups of one pod, two on each of the nodes n0 to n4, each with the cost that its binding was stamped with. */
export const llama = serving(10, { decode: 1 });
export const pods = Array.from({ length: 10 }, (_, group) =>
  servingGroup(llama, group, () => ({ node: `n${Math.floor(group / 2)}`, ...ours(21) })),
).flat();

export type Hook = ReturnType<typeof webhook>;

/** Both webhooks over these groups. */
export function steered(options: WebhookOptions = {}): Hook {
  return webhook({ index: fleetOf(pods, [llama]), ...options });
}

/** The ModelServing with so many groups. */
export const at = (replicas: number): Workload => ({ ...llama, replicas });

/** Sends a scale-down or scale-up through /scale and returns the bytes of the answer. */
export async function scale({ validate }: Hook, from: number, to: number, fields: RequestFields = {}): Promise<string> {
  return JSON.stringify(await validate(scaleReview(at(from), to, fields)));
}

/** The groups that are marked to go, by ordinal. */
export function marked({ index }: Hook): readonly string[] {
  return marksIn(index);
}

/** What each pod carries. */
export function costsOf({ index }: Hook): readonly unknown[] {
  return [...index.pods()].map(({ name, cost, costOwner, victim }) => ({ name, cost, costOwner, victim }));
}

/** The answer to a scale-down from 10 to 8. */
export const saysTwo = answerTo(REVIEW_UID, {
  allowed: true,
  auditAnnotations: { victims: 'llama-9,llama-8', 'nodes-freed': 'n4' },
  warnings: ['packdown: llama-9, llama-8 will go, which frees n4'],
});
