import { messageOf } from '../../domain/coded-error.ts';
import { type FleetWrite, isForbidden, isWritten } from '../../domain/fleet/cost-write.ts';
import type { WriteOrder, WriteOutcome } from '../../domain/fleet/fleet.ts';
import type { CostCarrier } from '../../domain/fleet/instance.ts';
import { ONCE_A_MINUTE, RateLimit } from '../../domain/rate-limit.ts';
import type { Clock } from './clock.ts';
import { costPatch } from './cost-patch.ts';
import type { KubeApi } from './kube-api.ts';
import { ApiError, isNotFound, isTransient, mayHaveChanged, unlessNotFound } from './kube-errors.ts';
import type { Carriers } from './live-carriers.ts';
import type { Log } from './log.ts';
import { retrying } from './retry.ts';
import { Turnstile } from './turnstile.ts';

export interface CostWriterSurroundings {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly log: Log;
  /** The objects of the kind that carries a cost; undefined for a kind that nobody watches. */
  carriersOf(carrier: CostCarrier): Carriers | undefined;
}

/** Requests that may be under way at the same time, over everything that is written. */
const IN_FLIGHT = 32;

/** Sends cost writes stage by stage, so that whatever cuts them short leaves a legal order. */
export class CostWriter {
  readonly #inFlight = new Turnstile(IN_FLIGHT);
  readonly #api: KubeApi;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #logLimit = new RateLimit(ONCE_A_MINUTE);
  readonly #carriersOf: (carrier: CostCarrier) => Carriers | undefined;

  constructor({ api, clock, log, carriersOf }: CostWriterSurroundings) {
    this.#api = api;
    this.#clock = clock;
    this.#log = log;
    this.#carriersOf = carriersOf;
  }

  /**
   * The outcomes of the writes that were sent; `deadline` is in milliseconds since the epoch and the signal aborts at
   * it. Sending begins in the given order, and ends once one has failed or was refused: a later stage would build on
   * a hole.
   */
  async send(writes: WriteOrder, deadline: number, signal: AbortSignal): Promise<readonly WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    let hasFailed = false;
    const sendOne = async (write: FleetWrite): Promise<WriteOutcome | null> => {
      if (hasFailed || signal.aborted || this.#clock.now() > deadline) return null;
      const outcome = await this.#write(write, deadline, signal);
      hasFailed ||= outcome === 'failed' || outcome === 'refused';
      return outcome;
    };
    for (const stage of writes) {
      const sending = [stage].flat().map((write) => this.#inFlight.pass(() => sendOne(write), signal));
      const sent = (await Promise.all(sending)).filter((outcome) => outcome !== null);
      outcomes.push(...sent);
      if (sent.length < sending.length || hasFailed) break;
    }
    return outcomes;
  }

  async #write(write: FleetWrite, deadline: number, signal: AbortSignal): Promise<WriteOutcome> {
    const { namespace, name, uid } = write.carrier;
    const carriers = this.#carriersOf(write.carrier);
    const known = carriers?.find(namespace, name);
    const path = carriers?.objectPath(namespace, name) ?? null;
    if (carriers === undefined || known === undefined || path === null) return 'stale';
    if (!isAsShown(known, write) || isForbidden(known, write)) return 'stale';
    if (isWritten(known, write)) return 'unchanged';
    try {
      const target = { carriers, path, annotated: carriers.isAnnotated(uid) };
      return await this.#send({ ...write, carrier: known }, target, deadline, signal);
    } catch (error) {
      const outcome = error instanceof ApiError && !isTransient(error) ? 'refused' : 'failed';
      if (this.#logLimit.take(`${namespace} ${outcome}`, this.#clock.now())) {
        this.#log.warn({ namespace, name }, `a cost could not be written: ${messageOf(error)}`);
      }
      return outcome;
    }
  }

  /**
   * A patch that did not apply is looked into: the object may have gained or lost its first annotation in the meantime,
   * or may carry what we want already, because the answer to an earlier attempt got lost. One that does not apply again
   * though the object is there, and as it takes it to be, is refused for something else, such as a policy: it throws
   * what the apiserver said.
   */
  async #send(
    write: FleetWrite,
    { carriers, path, annotated }: Target,
    deadline: number,
    signal: AbortSignal,
  ): Promise<WriteOutcome> {
    const retried = <T>(request: () => Promise<T>) => retrying(this.#clock, request, deadline, signal);
    let shown: FleetWrite = write;
    let hasAnnotations = annotated;
    for (let attempt = 1; ; attempt += 1) {
      const operations = costPatch(shown, hasAnnotations, this.#clock.now());
      try {
        carriers.learn(await retried(() => this.#api.patch(path, operations, signal)));
        return 'written';
      } catch (error) {
        if (!isNotFound(error) && !mayHaveChanged(error)) throw error;
        const object = await retried(() => unlessNotFound(this.#api.get(path, signal)));
        if (object === null) return 'stale';
        const { item: found, annotated: annotatedNow } = carriers.read(object);
        if (found.uid !== write.carrier.uid) return 'stale';
        carriers.learn(object);
        if (isWritten(found, write)) return 'written';
        if (!isAsShown(found, write)) return 'stale';
        if (attempt > 1) throw error;
        shown = { ...write, carrier: found };
        hasAnnotations = annotatedNow;
      }
    }
  }
}

/** Where a write goes. */
interface Target {
  readonly carriers: Carriers;
  readonly path: string;
  /** Whether the object has any annotation at all. */
  readonly annotated: boolean;
}

/** Whether the pod is still as it was when the write was planned. */
function isAsShown(pod: CostCarrier, { carrier: shown }: FleetWrite): boolean {
  return pod.uid === shown.uid && pod.cost === shown.cost && pod.costOwner === shown.costOwner;
}
