import { randomUUID } from 'node:crypto';
import { Agent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { scaleReview } from '../../builders/review.ts';
import { deployment } from '../../builders/workload.ts';
import { call } from '../../http/http-client.ts';

/** A lane without an answer for so long has failed; in milliseconds. */
const PATIENCE = 20_000;

const web = deployment(2);

export interface WebhookLoad {
  answered(): number;
  /** Requests that did not get their answer, and why. */
  failures: readonly string[];
  /** Lanes whose last answer told them that the connection ends. */
  toldToClose(): number;
  /** Resolves when every lane has ended: told to by `end()`, or refused a new connection, or failed. */
  ended: Promise<void>;
  end(): Promise<void>;
}

export interface WebhookLoadOptions {
  port: number;
  /** PEMs of the CAs that are trusted. */
  ca: string;
  /** Each sends one review after the other. */
  lanes: number;
  /** Whether a lane keeps its connection as long as it may, as the apiserver does. */
  keepAlive: boolean;
}

/** Sends reviews until it is told to end. */
export function startWebhookLoad({ port, ca, lanes, keepAlive }: WebhookLoadOptions): WebhookLoad {
  const failures: string[] = [];
  const closing = new Set<number>();
  let answered = 0;
  let isEnding = false;

  async function review(lane: number, agent: Agent | false): Promise<void> {
    const uid = randomUUID();
    const reply = await Promise.race([
      call({
        port,
        ca,
        agent,
        method: 'POST',
        path: '/validate',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(scaleReview(web, 3, { uid })),
      }),
      delay(PATIENCE, undefined, { ref: false }).then(() => Promise.reject(new Error(`no answer in ${PATIENCE} ms`))),
    ]);
    if (reply.status !== 200 || !reply.body.includes(uid)) throw new Error(`${reply.status} ${reply.body}`);
    answered += 1;
    if (reply.headers.connection === 'close') closing.add(lane);
  }

  async function run(lane: number): Promise<void> {
    const agent = keepAlive && new Agent({ keepAlive, maxSockets: 1 });
    try {
      while (!isEnding) await review(lane, agent);
    } catch (error) {
      // Nobody listens any more: behind a Service, the connection goes to another replica.
      const isRefused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
      if (!isRefused) failures.push(`lane ${lane}, after ${answered} answers: ${error}`);
    } finally {
      if (agent) agent.destroy();
    }
  }

  const ended = Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane))).then(() => undefined);
  return {
    answered: () => answered,
    failures,
    toldToClose: () => closing.size,
    ended,
    end: async () => {
      isEnding = true;
      await ended;
    },
  };
}
