/**
 * The apiserver of the benchmark, a process of its own: lists in pages, watches with bookmarks, discovery, patches of
 * annotations, over HTTPS. `POST /bench/rate/<events per second>` sets how many pods change, `POST /bench/probe` flips
 * the probe's phase, and `GET /bench/requests` counts the requests by method and kind.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { json } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import {
  type Collection,
  collections,
  PODS,
  type PodState,
  placeOfGroupPod,
  pod,
  probePod,
} from './cluster-objects.ts';

const PODS_PATH = '/api/v1/pods';
const TICK = 10;
const BOOKMARKS_EVERY = 60_000;
/** How many events a watch may be behind before it is told 410. */
const KEPT_EVENTS = 100_000;

const { values } = parseArgs({ options: { 'tls-cert': { type: 'string' }, 'tls-key': { type: 'string' } } });
const states = Array.from({ length: PODS }, (): PodState => ({ generation: 0, beat: 0, version: 1 }));
const watches = new Set<{ readonly path: string; readonly response: ServerResponse }>();
const requests: Record<string, number> = {};
/** The Lease, which the leader renews every two seconds, and its ConfigMap, by path. */
const documents = new Map<string, object>();
const events: { readonly version: number; readonly line: string }[] = [];
let version = 1;
let rate = 0;
let owed = 0;
let probeRuns = true;
let seed = 1;

const pods: Collection = {
  path: PODS_PATH,
  count: PODS + 1,
  render: (place) => {
    const state = states[place];
    return state === undefined ? probePod(probeRuns, version) : pod(place, state);
  },
};
const served = new Map([...collections, pods].map((collection) => [collection.path, collection]));

const tls = { cert: readFileSync(values['tls-cert'] ?? ''), key: readFileSync(values['tls-key'] ?? '') };
const server = createServer({ ...tls, keepAliveTimeout: 600_000, requestTimeout: 0 }, answer);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const ticks = setInterval(tick, TICK);
const bookmarks = setInterval(() => tellBookmarks(), BOOKMARKS_EVERY);
const address = server.address();
console.error(JSON.stringify({ msg: 'serving', port: typeof address === 'object' ? address?.port : undefined }));
process.once('SIGTERM', () => {
  clearInterval(ticks);
  clearInterval(bookmarks);
  server.closeAllConnections();
  server.close();
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://bench');
  const watched = searchParams.get('watch') === 'true';
  if (/\/(leases|configmaps)\b/.test(pathname) && !watched) {
    void document(request, pathname, response);
    return;
  }
  if (/\/events\b/.test(pathname) && request.method !== 'GET') {
    void record(request, response);
    return;
  }
  if (request.method === 'PATCH') {
    void annotate(request, pathname, response);
    return;
  }
  request.resume();
  if (pathname.startsWith('/bench/')) {
    control(pathname, response);
    return;
  }
  const kind = `${request.method} ${watched ? 'watch' : 'other'}`;
  requests[kind] = (requests[kind] ?? 0) + 1;
  const collection = served.get(pathname);
  if (request.method !== 'GET') reply(response, 405, '{}');
  else if (watched && pathname.endsWith('/configmaps')) watch(pathname, 0, response);
  else if (collection === undefined) discover(pathname, response);
  else if (watched) watch(pathname, Number(searchParams.get('resourceVersion')), response);
  else list(collection, Number(searchParams.get('limit') ?? 500), Number(searchParams.get('continue') ?? 0), response);
}

async function document(request: IncomingMessage, path: string, response: ServerResponse): Promise<void> {
  const kind = `${request.method} ${path.includes('/leases') ? 'lease' : 'other'}`;
  requests[kind] = (requests[kind] ?? 0) + 1;
  const body: unknown = request.method === 'GET' ? null : await json(request);
  if (typeof body === 'object' && body !== null && 'metadata' in body) {
    version += 1;
    const stored = { ...body, metadata: { ...Object(body.metadata), resourceVersion: String(version) } };
    documents.set(request.method === 'POST' ? `${path}/${nameOf(body)}` : path, stored);
    reply(response, 200, JSON.stringify(stored));
  } else if (path.endsWith('/configmaps')) {
    const items = [...documents].flatMap(([key, stored]) => (key.startsWith(path) ? [stored] : []));
    reply(response, 200, JSON.stringify({ metadata: { resourceVersion: String(version) }, items }));
  } else {
    const found = documents.get(path);
    reply(response, found === undefined ? 404 : 200, JSON.stringify(found ?? { kind: 'Status', code: 404 }));
  }
}

/** Events are taken and forgotten. */
async function record(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const kind = `${request.method} event`;
  requests[kind] = (requests[kind] ?? 0) + 1;
  await request.resume().toArray();
  reply(response, request.method === 'POST' ? 201 : 200, '{"kind":"Event","metadata":{}}');
}

/** A JSON patch of the annotations of a ModelServing's pod, its tests left out: nobody else writes here. */
async function annotate(request: IncomingMessage, path: string, response: ServerResponse): Promise<void> {
  requests['PATCH pod'] = (requests['PATCH pod'] ?? 0) + 1;
  const operations: readonly { op: string; path: string; value: string }[] = Object(await json(request));
  const [, , , , namespace = '', , name = ''] = path.split('/');
  const place = placeOfGroupPod(namespace, name);
  const state = states[place ?? -1];
  if (place === undefined || state === undefined) {
    reply(response, 404, '{"kind":"Status","code":404}');
    return;
  }
  const written = new Map(Object.entries(state.written ?? {}));
  for (const { op, path, value } of operations) {
    const key = path.slice('/metadata/annotations/'.length).replaceAll('~1', '/');
    if (op === 'add') written.set(key, value);
    if (op === 'remove') written.delete(key);
  }
  version += 1;
  state.version = version;
  state.written = Object.fromEntries(written);
  const object = pod(place, state);
  tell('MODIFIED', object);
  reply(response, 200, object);
}

function nameOf({ metadata }: { readonly metadata: unknown }): string {
  return typeof metadata === 'object' && metadata !== null && 'name' in metadata ? String(metadata.name) : '';
}

function control(path: string, response: ServerResponse): void {
  const [, , what, amount] = path.split('/');
  if (what === 'rate') rate = Number(amount);
  if (what === 'probe') {
    probeRuns = !probeRuns;
    version += 1;
    tell('MODIFIED', probePod(probeRuns, version));
  }
  reply(response, 200, JSON.stringify(requests));
}

function list({ count, render }: Collection, limit: number, from: number, response: ServerResponse): void {
  const end = Math.min(count, from + limit);
  const items = Array.from({ length: end - from }, (_, index) => render(from + index));
  const next = end < count ? `,"continue":"${end}"` : '';
  reply(
    response,
    200,
    `{"kind":"List","metadata":{"resourceVersion":"${version}"${next}},"items":[${items.join(',')}]}`,
  );
}

function watch(path: string, from: number, response: ServerResponse): void {
  const oldest = events[0]?.version ?? version + 1;
  if (path === PODS_PATH && from < oldest - 1) {
    reply(response, 410, '{"kind":"Status","code":410}');
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  if (path === PODS_PATH) for (const event of events) if (event.version > from) response.write(event.line);
  const opened = { path, response };
  watches.add(opened);
  response.on('close', () => watches.delete(opened));
}

function discover(path: string, response: ServerResponse): void {
  const [, , group, groupVersion] = path.split('/');
  const found = [...served.keys()].filter((key) => key.startsWith(`/apis/${group}/${groupVersion ?? ''}`));
  const [first] = found;
  if (group === undefined || first === undefined) {
    reply(response, 404, '{"kind":"Status","code":404}');
    return;
  }
  const versions = [{ groupVersion: first.split('/').slice(2, 4).join('/') }];
  const resources = found.map((key) => ({ name: key.split('/').at(-1) }));
  reply(response, 200, JSON.stringify(groupVersion === undefined ? { versions } : { resources }));
}

function reply(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

function tick(): void {
  owed += (rate * TICK) / 1000;
  for (; owed >= 1; owed -= 1) change();
}

/** Of twenty changes one is a deletion and one the creation of its successor, the others are updates. */
function change(): void {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  const place = seed % PODS;
  const state = states[place];
  if (state === undefined) return;
  version += 1;
  state.version = version;
  if (seed % 20 !== 0) {
    state.beat += 1;
    tell('MODIFIED', pod(place, state));
    return;
  }
  tell('DELETED', pod(place, state));
  state.generation += 1;
  delete state.written;
  version += 1;
  state.version = version;
  tell('ADDED', pod(place, state));
  owed -= 1;
}

function tell(type: string, object: string): void {
  const line = `{"type":"${type}","object":${object}}\n`;
  events.push({ version, line });
  if (events.length > KEPT_EVENTS) events.splice(0, KEPT_EVENTS / 10);
  for (const { path, response } of watches) if (path === PODS_PATH) response.write(line);
}

function tellBookmarks(): void {
  for (const { response } of watches) {
    response.write(`{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"${version}"}}}\n`);
  }
}
