import assert from 'node:assert/strict';
import { admissionHandler, type OnAnswered } from '../../src/admission/handler.ts';
import { mutate } from '../../src/admission/mutate.ts';
import { Steering } from '../../src/admission/steering.ts';
import { validateAndSteer } from '../../src/admission/validate.ts';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { targetSetOf } from '../../src/cluster/target-set.ts';
import type { Config } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import { objectAt, textOf } from '../../src/workloads/core/json.ts';
import { fleetOf, NOW } from '../builders/fleet.ts';
import { fleetOfObjects } from '../builders/object-reviews.ts';

/** The defaults with what a configuration file of this text changes. */
export function configOf(text = ''): Config {
  return readConfig({ file: { text, name: 'config.yaml' }, environment: {} });
}

export interface WebhookOptions {
  readonly index?: FleetIndex;
  readonly config?: Config;
  /** What stands before the fleet in memory, to fail or to be slow. */
  readonly wrap?: (fleet: Fleet) => Fleet;
  /** What happens while the webhook waits. */
  readonly meanwhile?: () => void;
  /** The nodes that the leader has published. */
  readonly targetSet?: readonly string[];
}

/** Both webhooks over a fleet in memory, at a time that only the test moves on; settling would move it too. */
export function webhook({
  index = fleetOf([]),
  config = configOf('steering: {settle: 0ms}'),
  wrap = (fleet) => fleet,
  meanwhile = () => undefined,
  targetSet = [],
}: WebhookOptions = {}) {
  const clock = {
    time: NOW,
    now: () => clock.time,
    wait: async (milliseconds: number) => {
      clock.time += milliseconds;
      meanwhile();
    },
  };
  const fleet = wrap(new EmbeddedFleet(index, clock.now));
  const published = { current: () => targetSetOf(targetSet) };
  const steering = new Steering({ fleet, config, now: clock.now, wait: clock.wait, targetSet: published });
  const unjudged: unknown[] = [];
  const onAnswered: OnAnswered = (_request, _decision, problem) => {
    if (problem !== null) unjudged.push(problem);
  };
  const validate = admissionHandler((request) => validateAndSteer(request, fleet, config, steering), onAnswered);
  const mutates = admissionHandler(
    (request) => mutate(request, fleet.snapshot(), config, fleet.staleness()),
    onAnswered,
  );
  return {
    clock,
    fleet,
    config,
    index,
    /** What could not be judged, and why. */
    unjudged,
    validate: async (body: unknown, patience?: number) => validate(body, patience),
    mutate: async (body: unknown) => mutates(body),
  };
}

/** The bytes of a review that answers `uid` with these fields of a response. */
export function answerTo(uid: string, response: object, apiVersion = 'admission.k8s.io/v1'): string {
  return JSON.stringify({ kind: 'AdmissionReview', apiVersion, response: { uid, ...response } });
}

/** The bytes of a review that allows `uid` with this JSON Patch. */
export function patchFor(uid: string, patch: string): string {
  return answerTo(uid, { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(patch).toString('base64') });
}

/** Why a review is refused where the fleet holds these objects; null where it is not. */
export async function refusal(body: object, ...fleet: readonly object[]): Promise<string | null> {
  const hook = webhook({ index: fleetOfObjects(...fleet) });
  const response = objectAt(await hook.validate(body), 'response');
  assert.deepEqual(hook.unjudged, []);
  return textOf(objectAt(response, 'status').message);
}
