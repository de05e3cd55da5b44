import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetch } from 'undici';
import type { CostReport } from '../../src/workloads/cost-report.ts';
import type { PlanReport } from '../../src/workloads/plan-report.ts';
import { readExposition } from '../observability/exposition.ts';
import type { ControlPlane } from './control-plane/control-plane.ts';
import { freePort, type RunningProcess } from './control-plane/processes.ts';
import { until } from './control-plane/wait.ts';

/**
 * The command line that is tested: `E2E_PACKDOWN` names the main.ts of another copy, e.g. one that is broken on
 * purpose.
 */
export const packdownMain = process.env.E2E_PACKDOWN || fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** One `packdown serve`, beside the apiserver instead of in a pod. */
export interface Replica {
  /** HTTPS on 127.0.0.1; the same after a restart, as behind a Service. */
  port: number;
  /** HTTP on 127.0.0.1. */
  opsPort: number;
  /** Ends packdown at once, as a crash does; the webhook configurations stay. Resolves when it is gone. */
  stop(): Promise<void>;
  /** Starts packdown again, after ending it if it runs. Resolves when it is ready. */
  restart(): Promise<void>;
  /** Halts packdown: connections are still accepted, but nothing is answered until `thaw()`. */
  freeze(): void;
  thaw(): void;
  /** Everything that packdown has logged so far. */
  logs(): Promise<string>;
  /** GET /readyz: whether it is ok. */
  ready(): Promise<boolean>;
  /** GET /costs: every pod's cost as packdown sees it. */
  costs(): Promise<CostReport[]>;
  /** How many predictions are settled, by outcome, as GET /metrics has it. */
  predictions(): Promise<Readonly<Record<string, number>>>;
  /** GET /plan for `KIND/NAMESPACE/NAME[:ROLE]=REPLICAS`. */
  plan(...scales: string[]): Promise<PlanReport>;
}

/**
 * Starts `packdown serve` with these flags besides its addresses, and waits until it is ready. It ends with the control
 * plane.
 */
export async function startReplica(
  controlPlane: ControlPlane,
  name: string,
  flags: Readonly<Record<string, string>>,
): Promise<Replica> {
  const [port, opsPort] = [await freePort(), await freePort()];
  const ops = `http://127.0.0.1:${opsPort}`;
  const addresses = { host: '127.0.0.1', port, 'ops-port': opsPort };
  const settings = Object.entries({ ...flags, ...addresses }).map(([flag, value]) => `--${flag}=${value}`);
  const ready = async () => (await fetch(`${ops}/readyz`)).ok;
  async function start(): Promise<RunningProcess> {
    const started = controlPlane.startProgram(name, process.execPath, [packdownMain, 'serve', ...settings]);
    await until(`${name} to be ready or to end`, async () => started.ended() || (await ready()));
    if (started.ended()) throw new Error(`${name} ended while it started:\n${await started.logTail()}`);
    return started;
  }
  let running = await start();

  async function ask<T>(path: string): Promise<T> {
    const answer = await fetch(`${ops}${path}`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${name} answered ${path} with ${answer.status}: ${text}`);
    const value: T = JSON.parse(text);
    return value;
  }
  return {
    port,
    opsPort,
    stop: () => running.kill(),
    restart: async () => {
      await running.kill();
      running = await start();
    },
    freeze: () => process.kill(running.pid, 'SIGSTOP'),
    thaw: () => process.kill(running.pid, 'SIGCONT'),
    logs: () => readFile(join(controlPlane.folder, `${name}.log`), 'utf8'),
    ready,
    costs: () => ask('/costs'),
    predictions: async () => outcomesIn(await (await fetch(`${ops}/metrics`)).text()),
    plan: (...scales) => ask(`/plan?${scales.map((scale) => `scale=${encodeURIComponent(scale)}`).join('&')}`),
  };
}

function outcomesIn(metrics: string): Readonly<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  for (const [labels, count] of readExposition(metrics).get('packdown_predictions_total')?.series ?? []) {
    const outcome = /outcome="(\w+)"/.exec(labels)?.[1] ?? labels;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
  }
  return outcomes;
}
