import type { WriteOrder, WriteOutcome } from '../../domain/fleet/fleet.ts';
import type { Pod } from '../../domain/fleet/pod.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { isForbidden, isWritten, type PodWrite } from '../../domain/victims/cost-write.ts';
import { backOff } from './back-off.ts';
import type { Clock } from './clock.ts';
import { costPatch } from './cost-patch.ts';
import type { KubeApi } from './kube-api.ts';
import { ApiError, isNotFound, isRefused, isTransient } from './kube-errors.ts';
import type { LivePods } from './live-pods.ts';
import type { Log } from './log.ts';
import { Turnstile } from './turnstile.ts';

export interface CostWriterSurroundings {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly snapshot: Snapshot;
  readonly pods: LivePods;
}

/** Requests that may be under way at the same time, over everything that is written. */
const IN_FLIGHT = 32;

/** Sends cost writes stage by stage, so that whatever cuts them short leaves a legal order. */
export class CostWriter {
  readonly #inFlight = new Turnstile(IN_FLIGHT);
  readonly #api: KubeApi;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #snapshot: Snapshot;
  readonly #pods: LivePods;

  constructor({ api, clock, log, snapshot, pods }: CostWriterSurroundings) {
    this.#api = api;
    this.#clock = clock;
    this.#log = log;
    this.#snapshot = snapshot;
    this.#pods = pods;
  }

  /**
   * The outcomes of the writes that were sent; `deadline` is in milliseconds since the epoch and the signal aborts at
   * it. Sending begins in the given order, and ends once one has failed: a later stage would build on a hole.
   */
  async send(writes: WriteOrder, deadline: number, signal: AbortSignal): Promise<readonly WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    let hasFailed = false;
    const sendOne = async (write: PodWrite): Promise<WriteOutcome | null> => {
      if (hasFailed || signal.aborted || this.#clock.now() > deadline) return null;
      const outcome = await this.#write(write, deadline, signal);
      hasFailed ||= outcome === 'failed';
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

  async #write(write: PodWrite, deadline: number, signal: AbortSignal): Promise<WriteOutcome> {
    const { namespace, name, uid } = write.pod;
    const known = this.#snapshot.pod(namespace, name);
    if (known === undefined || !isAsShown(known, write) || isForbidden(known, write)) return 'stale';
    if (isWritten(known, write)) return 'unchanged';
    try {
      return await this.#send({ ...write, pod: known }, this.#pods.isAnnotated(uid), deadline, signal);
    } catch (error) {
      if (isNotFound(error) || isRefused(error)) return 'stale';
      const message = error instanceof Error ? error.message : String(error);
      this.#log.warn({ namespace, name }, `a cost could not be written: ${message}`);
      return 'failed';
    }
  }

  /**
   * A refused patch is looked into once: the pod may have gained or lost its first annotation in the meantime, or may
   * carry what we want already, because the answer to an earlier attempt got lost.
   */
  async #send(write: PodWrite, annotated: boolean, deadline: number, signal: AbortSignal): Promise<WriteOutcome> {
    const { namespace, name } = write.pod;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
    const retrying = <T>(request: () => Promise<T>) => this.#retrying(request, deadline, signal);
    const patch = (write: PodWrite, hasAnnotations: boolean) => {
      const operations = costPatch(write, hasAnnotations, this.#clock.now());
      return retrying(() => this.#api.patch(path, operations, signal));
    };
    try {
      this.#pods.learn(await patch(write, annotated));
      return 'written';
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
    const object = await retrying(() => this.#api.get(path, {}, signal));
    const { pod: found, annotated: annotatedNow } = this.#pods.read(object);
    if (found.uid !== write.pod.uid) return 'stale';
    this.#pods.learn(object);
    if (isWritten(found, write)) return 'written';
    if (!isAsShown(found, write)) return 'stale';
    this.#pods.learn(await patch({ ...write, pod: found }, annotatedNow));
    return 'written';
  }

  async #retrying<T>(request: () => Promise<T>, deadline: number, signal: AbortSignal): Promise<T> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await request();
      } catch (error) {
        const retryAfter = error instanceof ApiError ? error.retryAfter : null;
        const wait = retryAfter ?? backOff(failures);
        if (!isTransient(error) || this.#clock.now() + wait > deadline) throw error;
        await this.#clock.delay(wait, signal);
      }
    }
  }
}

/** Whether the pod is still as it was when the write was planned. */
function isAsShown(pod: Pod, { pod: shown }: PodWrite): boolean {
  return pod.uid === shown.uid && pod.cost === shown.cost && pod.costOwner === shown.costOwner;
}
