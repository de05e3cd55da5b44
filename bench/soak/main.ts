/**
 * packdown under a steady load for ten minutes, started as the image starts it, on a cluster of 60,000 pods that
 * changes all the while. `npm run bench:soak -- [--seconds 600]` prints a figure a line, and fails when a call failed
 * or when the memory of the last tenth is more than a tenth off that of the first one after the warm-up.
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { request } from 'undici';
import { readExposition } from '../../test/observability/exposition.ts';
import { clientOf } from '../client.ts';
import { NODES, PODS } from '../live/cluster-objects.ts';
import { startLive, synced } from '../live/start.ts';
import { residentMemory, withServers } from '../processes.ts';
import { median, quantile } from '../statistics.ts';
import { KINDS, ORDER } from './calls.ts';
import { playLoad } from './load.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } });
const SECONDS = Number(values.seconds);
/** Of admission and of schedulers, in the shares of `KINDS`. */
const CALLS_PER_SECOND = 250;
const EVENTS_PER_SECOND = 100;
/** So that a stall of the machine is seen as waiting, and not as the memory of hundreds of TLS connections. */
const CONNECTIONS = 32;
/** The load and the memory are judged after so many seconds. */
const WARM_UP = Math.min(60, SECONDS / 4);
const WINDOW = Math.min(60, SECONDS / 5);
const MOST_DRIFT = 0.1;
const ERRORS_SHOWN = 10;
const HEAP_METRICS = ['nodejs_heap_size_used_bytes', 'nodejs_heap_size_total_bytes', 'nodejs_external_memory_bytes'];

process.exitCode = await withServers(async (workplace) => {
  const client = clientOf(workplace.ca, CONNECTIONS);
  const { api, packdown } = await startLive(workplace);
  await synced(packdown.opsPort);
  print('pods, nodes, events a second', `${PODS}, ${NODES}, ${EVENTS_PER_SECOND}`);
  await client.post(api.port, `/bench/rate/${EVENTS_PER_SECOND}`, '{}');

  let shown = 0;
  const load = {
    order: ORDER,
    rate: CALLS_PER_SECOND,
    ask: (path: string, body: string) => client.post(packdown.port, path, body),
    onError: (problem: string) => {
      shown += 1;
      if (shown <= ERRORS_SHOWN) console.error(problem);
    },
  };
  const warmUp = await playLoad({ ...load, seconds: WARM_UP });
  const ending = new AbortController();
  const watching = watchMemory(packdown.pid, ending.signal);
  const outcomes = await playLoad({ ...load, seconds: SECONDS - WARM_UP });
  ending.abort();
  const memory = await watching;

  const before = [...warmUp.values()].reduce((sum, { errors }) => sum + errors, 0);
  let errors = before;
  for (const kind of KINDS) {
    const { times, errors: failed } = outcomes.get(kind) ?? { times: [], errors: 0 };
    const [p50, p99] = [0.5, 0.99].map((share) => quantile(times, share).toFixed(2));
    print(`${kind.path} ${kind.title}`, `${times.length} requests, ${failed} errors, p50 ${p50} ms, p99 ${p99} ms`);
    errors += failed;
  }
  print('errors, those of the warm-up included', String(errors));
  print('requests to the apiserver', await client.post(api.port, '/bench/requests', '{}'));
  const drift = median(memory.slice(-WINDOW)) / median(memory.slice(0, WINDOW)) - 1;
  const range = [Math.min(...memory), Math.max(...memory)].map((megabytes) => megabytes.toFixed(0)).join(' to ');
  const minutes = Array.from({ length: Math.ceil(memory.length / 60) }, (_, minute) =>
    median(memory.slice(minute * 60, (minute + 1) * 60)).toFixed(0),
  );
  const heap = await metricsOf(packdown.opsPort);
  const atEnd = HEAP_METRICS.map(
    (name) => `${name} ${((heap.get(name)?.series.get(name) ?? Number.NaN) / 2 ** 20).toFixed(0)} MB`,
  );
  print('at the end', atEnd.join(', '));
  print('RSS by the minute', `${minutes.join(', ')} MB`);
  print('RSS, lowest to highest', `${range} MB`);
  print('RSS drift', `${(drift * 100).toFixed(1)} % (at most ${MOST_DRIFT * 100} either way)`);
  await client.close();
  return errors > 0 || Math.abs(drift) > MOST_DRIFT ? 1 : 0;
});

async function metricsOf(opsPort: number): Promise<ReturnType<typeof readExposition>> {
  const { body } = await request(`http://127.0.0.1:${opsPort}/metrics`);
  return readExposition(await body.text());
}

/** Resident memory in MB, once a second until the signal aborts. */
async function watchMemory(pid: number, signal: AbortSignal): Promise<readonly number[]> {
  const samples: number[] = [];
  while (!signal.aborted) {
    samples.push(residentMemory(pid).now);
    await setTimeout(1000, undefined, { signal }).catch(() => undefined);
  }
  return samples;
}

function print(what: string, figure: string): void {
  console.log(`${what.padEnd(54)} ${figure}`);
}
