import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeApi, type WatchEvent } from '../../../src/cluster/live/kube-api.ts';
import { ApiError, ClusterUnreachable } from '../../../src/cluster/live/kube-errors.ts';
import { CodedError } from '../../../src/domain/coded-error.ts';
import { podObject } from '../pod-object.ts';
import { ApiServerDouble, kubeConfig } from './api-server-double.ts';
import { PODS } from './start-live-fleet.ts';
import { until } from './until.ts';

const SILENCE = 60_000;

async function withServer(body: (server: ApiServerDouble, api: KubeApi) => Promise<void>): Promise<void> {
  const server = await ApiServerDouble.start();
  const api = server.client();
  try {
    await body(server, api);
  } finally {
    await api.close();
    await server.close();
  }
}

/** The error that `work` ends with. */
async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error,
  );
}

async function withFile(content: string, body: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'packdown-test-'));
  try {
    await writeFile(join(folder, 'file'), content);
    await body(join(folder, 'file'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a request carries the token of the kubeconfig, and JSON comes back as an object', () =>
  withServer(async (server, api) => {
    server.put(PODS, podObject('a'));
    const list = await api.get(PODS);
    assert.equal(list.kind, 'List');
    const [request] = server.requests;
    assert.equal(request?.headers.authorization, 'Bearer s3cret');
    assert.equal(request?.headers['user-agent'], 'packdown');
  }));

test('a rotated token is used from the next request on, without the newline at its end', () =>
  withServer(async (server) => {
    const config = kubeConfig(server.url);
    const tokens = ['first\n', 'second\n'];
    config.addAuthenticator({
      isAuthProvider: () => true,
      applyAuthentication: async (_user, options) => {
        options.headers = { Authorization: `Bearer ${tokens.shift()}` };
      },
    });
    config.users = [{ name: 'tester' }];
    const api = new KubeApi(config);
    await api.get(PODS);
    await api.get(PODS);
    await api.close();
    const sent = server.requests.map(({ headers }) => headers.authorization);
    assert.deepEqual(sent, ['Bearer first', 'Bearer second']);
  }));

test('the path of the server comes before the path of the request', () =>
  withServer(async (server) => {
    const api = new KubeApi(kubeConfig(`${server.url}/k8s/clusters/one/`));
    await errorOf(api.get('/api/v1/pods'));
    await api.close();
    assert.equal(server.requests[0]?.path, '/k8s/clusters/one/api/v1/pods');
  }));

test('a patch is sent as a JSON patch and answers with the object as it is then', () =>
  withServer(async (server, api) => {
    server.put(PODS, podObject('a'));
    const path = '/api/v1/namespaces/ns/pods/a';
    const pod = await api.patch(path, [{ op: 'add', path: '/metadata/labels', value: { app: 'x' } }]);
    assert.deepEqual(pod, server.get(PODS, 'ns', 'a'));
    const request = server.requests.at(-1);
    assert.equal(request?.headers['content-type'], 'application/json-patch+json');
    assert.equal(request?.body, '[{"op":"add","path":"/metadata/labels","value":{"app":"x"}}]');
  }));

test('a status of 400 or more is an ApiError with its status, reason and Retry-After', () =>
  withServer(async (server, api) => {
    server.failNext({ method: 'GET', path: PODS, how: { status: 429, headers: { 'retry-after': '3' } } });
    const error = await errorOf(api.get(PODS));
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.code, error.status, error.reason, error.retryAfter], ['ApiError', 429, 'Injected', 3000]);
    assert.equal(error.message, 'the Kubernetes API answered GET /api/v1/pods with 429 Injected: as the test wants it');
  }));

test('a server that nobody runs is ClusterUnreachable, by its address and without secrets', async () => {
  const server = await ApiServerDouble.start();
  const { url } = server;
  await server.close();
  const api = new KubeApi(kubeConfig(url));
  const error = await errorOf(api.get(PODS));
  await api.close();
  assert.ok(error instanceof ClusterUnreachable);
  assert.equal(error.code, 'ClusterUnreachable');
  assert.match(error.message, new RegExp(`^cannot reach the Kubernetes API at ${url}: connect ECONNREFUSED`));
  assert.ok(!JSON.stringify(error).includes('s3cret') && !error.message.includes('s3cret'));
});

test('a connection that breaks instead of an answer is ClusterUnreachable', () =>
  withServer(async (server, api) => {
    server.failNext({ method: 'GET', path: PODS, how: 'lost' });
    assert.ok((await errorOf(api.get(PODS))) instanceof ClusterUnreachable);
  }));

test('credentials that cannot be had are ClusterUnreachable, and what the plugin printed is not repeated', async () => {
  const config = kubeConfig('https://127.0.0.1:1');
  config.users = [{ name: 'tester', exec: { command: 'sh', args: ['-c', 'echo s3cret >&2; exit 1'] } }];
  const api = new KubeApi(config);
  const error = await errorOf(api.get(PODS));
  assert.ok(error instanceof ClusterUnreachable);
  assert.match(error.message, /the credentials in the kubeconfig cannot be had/);
  assert.ok(!error.message.includes('s3cret'));
});

test('an aborted request ends with the reason of its signal', () =>
  withServer(async (server, api) => {
    server.failNext({ method: 'GET', path: PODS, how: 'silent' });
    const stop = new AbortController();
    const ended = errorOf(api.get(PODS, stop.signal));
    await until('the request has arrived', () => server.requests.length === 1);
    const reason = new Error('enough');
    stop.abort(reason);
    assert.equal(await ended, reason);
  }));

test('a watch yields its events in order and ends when the server ends it', () =>
  withServer(async (server, api) => {
    const events: WatchEvent[] = [];
    const watching = (async () => {
      const query = { resourceVersion: '100' };
      for await (const event of api.watch(PODS, query, SILENCE, new AbortController().signal)) events.push(event);
    })();
    server.put(PODS, podObject('a'));
    server.put(PODS, podObject('a', { x: 'ü' }));
    server.bookmark(PODS);
    server.remove(PODS, 'ns', 'a');
    await until('four events have come', () => events.length === 4);
    server.dropWatches('end');
    await watching;
    assert.deepEqual(
      events.map(({ type }) => type),
      ['ADDED', 'MODIFIED', 'BOOKMARK', 'DELETED'],
    );
    assert.deepEqual(events.at(-1)?.object.metadata, { ...podMetadata('a', { x: 'ü' }), resourceVersion: '104' });
    assert.equal(server.requests[0]?.query.watch, 'true');
  }));

test('an ERROR event of a watch is thrown as an ApiError, a broken connection as ClusterUnreachable', () =>
  withServer(async (server, api) => {
    const watch = () => api.watch(PODS, { resourceVersion: '100' }, SILENCE, new AbortController().signal).next();
    const expired = errorOf(watch());
    await until('the watch is open', () => server.watching(PODS) === 1);
    server.sendRaw(PODS, '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"old"}}\n');
    const error = await expired;
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.status, error.reason], [410, 'Expired']);

    await until('the first watch is closed', () => server.watching(PODS) === 0);
    const broken = errorOf(watch());
    await until('the watch is open again', () => server.watching(PODS) === 1);
    server.sendRaw(PODS, '{"type":"ADDED","obj');
    server.dropWatches();
    assert.ok((await broken) instanceof ClusterUnreachable);
  }));

test('a kubeconfig is read from its file', () =>
  withServer(async (server) => {
    const kubeconfig = kubeConfig(server.url).exportConfig();
    await withFile(kubeconfig, async (path) => {
      const api = await KubeApi.fromKubeconfig(path);
      assert.equal((await api.get(PODS)).kind, 'List');
      await api.close();
    });
  }));

test('a kubeconfig that cannot be used is UnreadableKubeconfig, and nothing of it is quoted', async () => {
  const isUnreadable = (error: unknown) => {
    assert.ok(error instanceof CodedError);
    assert.equal(error.code, 'UnreadableKubeconfig');
    assert.ok(!error.message.includes('s3cret'));
    return true;
  };
  await assert.rejects(KubeApi.fromKubeconfig('/nowhere/config'), isUnreadable);
  await withFile('users: [{token: s3cret', (path) => assert.rejects(KubeApi.fromKubeconfig(path), isUnreadable));
  assert.throws(() => new KubeApi(new KubeConfig()), isUnreadable);
  const plain = new KubeConfig();
  plain.loadFromClusterAndUser(
    { name: 'c', server: 'http://127.0.0.1:1', skipTLSVerify: false },
    { name: 'u', token: 's3cret' },
  );
  assert.throws(() => new KubeApi(plain), isUnreadable);
});

test('outside a pod there is no in-cluster configuration', { skip: 'KUBERNETES_SERVICE_HOST' in process.env }, () =>
  assert.rejects(KubeApi.inCluster(), { code: 'UnreadableKubeconfig' }),
);

function podMetadata(name: string, annotations: Record<string, string>): object {
  return { namespace: 'ns', name, uid: `uid-of-${name}`, annotations };
}

test('an object is created and replaced as JSON, and a replacement of an older version is refused', () =>
  withServer(async (server, api) => {
    const path = '/api/v1/namespaces/ns/configmaps';
    server.serve(path);
    const created = await api.post(path, { metadata: { namespace: 'ns', name: 'a' }, data: { key: 'old' } });
    const replaced = await api.put(`${path}/a`, { ...created, data: { key: 'new' } });
    assert.deepEqual(replaced.data, { key: 'new' });
    const refused = await errorOf(api.put(`${path}/a`, { ...created, data: { key: 'late' } }));
    assert.ok(refused instanceof ApiError && refused.status === 409);
    const again = await errorOf(api.post(path, { metadata: { namespace: 'ns', name: 'a' } }));
    assert.ok(again instanceof ApiError && again.status === 409);
    const types = server.requests.map(({ method, headers }) => `${method} ${headers['content-type']}`);
    assert.deepEqual(types, [
      'POST application/json',
      'PUT application/json',
      'PUT application/json',
      'POST application/json',
    ]);
  }));

test('the namespace is that of the current context, or none', async () => {
  const config = kubeConfig('http://127.0.0.1:1');
  const [context] = config.contexts;
  assert.ok(context);
  for (const [namespace, expected] of [
    [undefined, null],
    ['', null],
    ['tools\n', 'tools'],
  ] as const) {
    config.contexts = [{ ...context, ...(namespace !== undefined && { namespace }) }];
    const api = new KubeApi(config);
    assert.equal(api.namespace, expected);
    await api.close();
  }
});
