/** packdown, servers in Go and a bare fastify server, each on one core, asked by the same load generator on the other. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { LOG_LEVEL_PATH } from '../src/http/log-level.ts';
import { extenderArgs, scaleReview } from './bodies.ts';
import { clientOf } from './client.ts';
import { benchFleet, GROUPS, nodeNames, servingOf } from './fleet.ts';
import { entrypointArguments } from './image.ts';
import type { Effort, Findings, Part } from './part.ts';
import { buildPeers, startLoad } from './peers.ts';
import {
  cpuSeconds,
  type StartedServer,
  startPackdown,
  startServer,
  type Workplace,
  withServers,
} from './processes.ts';
import type { Table } from './report.ts';
import { median, spread } from './statistics.ts';

/** Node's flags in the image. */
const IMAGE = entrypointArguments().filter((argument) => argument.startsWith('--'));
const NODES = 5000;
const SERVINGS = 60;
/** The serving whose scale-downs are only observed, by its place. */
const OBSERVED = 2;
const CONNECTIONS = 8;
const SERVER_CORE = 0;
const LOAD_CORE = 1;
/**
 * Turns of every call, of all but what is compiled already, before the first that counts: until then Node.js is still
 * compiling what is asked for often, and its heap is full of what reading the fleet has left behind.
 */
const WARM_UP = 5;
/** Turns of every call that count. */
const RUNS = { quick: 3, full: 5 };

export const speed: Part = {
  name: 'speed',
  title: 'Admission and scheduling beside Go',
  intro: `packdown with all its work done, on a fleet of ${NODES} nodes and ${SERVINGS * GROUPS * 4} pods, beside the smallest servers in Go
(bench/peers): a webhook on controller-runtime that reads the review and the Scale in it and allows, and an extender on
net/http with kube-scheduler's own types that takes scores from a map; and beside a bare fastify server (echo) that parses
the same body and answers the same bytes. The same certificate, the same bodies, ${CONNECTIONS} kept connections, HTTP/1.1. Servers run
on one core in turns, the load generator on the other. Per core: requests per second of CPU time that the server's process
has had, while it is asked as fast as it answers. packdown runs with the flags of its image (\`${IMAGE.join(' ')}\`). x: how
many times as many as Go, or the echo, manages. p99: the 99th percentile of the same answers, as a multiple of theirs. Medians of ${RUNS.full} runs,
in the tables beside the lowest and the highest.

What Node.js can reach at all is the echo beside Go: it differs a good deal from machine to machine, and on one with whatever else
shares its caches.

Where packdown is slower: the others look at nothing, while packdown judges every change by all rules with what the fleet
knows, and looks at all groups of a workload that shrinks. A scale-down is steered once; each further review of it, as
kube-apiserver sends where it had to begin anew, finds the victim marked, and that the controller will take it. One that is
only observed marks nothing, so that each review of it is planned from the beginning.`,
  measure: (effort) => withServers((workplace) => measure(effort, workplace)),
};

interface Call {
  readonly title: string;
  readonly path: string;
  readonly body: string;
  readonly servers: Readonly<Record<ServerName, StartedServer>>;
}

type ServerName = 'packdown' | 'go' | 'echo';
const SERVERS: readonly ServerName[] = ['packdown', 'go', 'echo'];
const COMPILING: readonly ServerName[] = ['packdown', 'echo'];

interface Sample {
  readonly perCore: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

type Samples = Readonly<Record<ServerName, readonly Sample[]>>;

async function measure({ quick }: Effort, { folder, tls, ca }: Workplace): Promise<Findings> {
  const programs = buildPeers();
  const fleet = join(folder, 'fleet.json');
  writeFileSync(fleet, benchFleet(NODES, SERVINGS, OBSERVED));
  const core = SERVER_CORE;
  const packdown = await startPackdown(['--fleet', fleet, ...tls], { core, node: [...IMAGE, 'src/main.ts'] });
  // Each scale-down that is only observed would be a line.
  await request(`http://127.0.0.1:${packdown.opsPort}${LOG_LEVEL_PATH}`, { method: 'PUT', body: 'warn' });
  const echo = await startServer(['bench/echo-server.ts', ...tls], { core });
  const webhook = await startServer(tls, { core, program: programs.webhook });
  const extender = await startServer(['--nodes', String(NODES), ...tls], { core, program: programs.extender });
  const load = startLoad(programs.load, ca, LOAD_CORE);

  const admission = { path: '/validate', servers: { packdown, go: webhook, echo } };
  const scheduling = {
    path: '/scheduler/prioritize',
    servers: { packdown, go: extender, echo },
  };
  const requests = { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '2' };
  const calls: readonly Call[] = [
    { title: 'validate, scale up', ...admission, body: scaleReview(servingOf(0), GROUPS, GROUPS + 1) },
    { title: 'validate, scale down', ...admission, body: scaleReview(servingOf(1), GROUPS, GROUPS - 1) },
    {
      title: 'validate, scale down observed',
      ...admission,
      body: scaleReview(servingOf(OBSERVED), GROUPS, GROUPS - 1),
    },
    { title: 'prioritize, 500 names', ...scheduling, body: extenderArgs(nodeNames(500), requests) },
    { title: 'prioritize, 5,000 names', ...scheduling, body: extenderArgs(nodeNames(NODES), requests) },
  ];

  const ask = async ({ path, body, servers }: Call, name: ServerName, seconds: number): Promise<Sample> => {
    const { pid, port } = servers[name];
    const before = cpuSeconds(pid);
    const result = await load({ port, path, body, connections: CONNECTIONS, seconds });
    const { requests, p50, p99 } = result;
    return { perCore: requests / (cpuSeconds(pid) - before), perSecond: requests / result.seconds, p50, p99 };
  };

  const client = clientOf(ca);
  const turns = async (call: Call, count: number, names = SERVERS): Promise<Samples> => {
    await client.post(echo.port, '/answer', await client.post(packdown.port, call.path, call.body));
    const samples: Record<ServerName, Sample[]> = { packdown: [], go: [], echo: [] };
    for (let turn = 0; turn < count; turn += 1) {
      for (const name of names) samples[name].push(await ask(call, name, quick ? 0.5 : 2));
    }
    return samples;
  };
  for (const call of calls) await turns(call, WARM_UP, COMPILING);
  const lines: string[] = [];
  const tables: Table[] = [];
  for (const call of calls) {
    const samples = await turns(call, quick ? RUNS.quick : RUNS.full);
    lines.push(
      ratio(call.title, 'packdown', 'go', samples),
      ratio(call.title, 'packdown', 'echo', samples),
      ratio(`${call.title}, echo`, 'echo', 'go', samples),
    );
    tables.push(table(call.title, samples));
  }
  await client.close();
  return { lines, tables };
}

/** Run by run: what disturbs one server for a while disturbs its neighbours too. */
function ratio(title: string, name: ServerName, other: ServerName, samples: Samples): string {
  const of = (figure: (sample: Sample) => number) =>
    median(samples[name].map((its, run) => figure(its) / figure(samples[other][run] ?? its))).toFixed(2);
  return `${title} vs ${other}: ${of(({ perCore }) => perCore)}x (p99 ${of(({ p99 }) => p99)}x)`;
}

function table(title: string, samples: Samples): Table {
  return {
    title,
    header: ['server', 'requests a core second', 'requests/s', 'p50 ms', 'p99 ms'],
    rows: SERVERS.map((name) => {
      const cell = (figure: (sample: Sample) => number, digits: number) => spread(samples[name].map(figure), digits);
      return [
        name,
        cell(({ perCore }) => perCore, 0),
        cell(({ perSecond }) => perSecond, 0),
        cell(({ p50 }) => p50, 2),
        cell(({ p99 }) => p99, 2),
      ];
    }),
    plotted: 1,
  };
}
