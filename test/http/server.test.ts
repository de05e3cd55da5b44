import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:https';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { CodedError } from '../../src/domain/coded-error.ts';
import { ADMISSION_BODY_LIMIT, type Route } from '../../src/http/route.ts';
import type { Eager } from './eager-client.ts';
import { type Call, converse } from './http-client.ts';
import { headersOf } from './raw-client.ts';
import { certificates, echo, serve } from './test-server.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const json = { 'content-type': 'application/json' };

/** A JSON string that takes exactly `bytes` bytes. */
const stringOf = (bytes: number) => `"${'a'.repeat(bytes - 2)}"`;

const failing = (error: unknown): Route => ({
  path: '/validate',
  bodyLimit: 1024,
  handle: () => {
    throw error;
  },
});

describe('a route', () => {
  it('gets the parsed body and has its value sent as JSON', async (t) => {
    const server = await serve(t, [{ ...echo, handle: async (body) => ({ got: body, b: [1, null] }) }]);
    const reply = await server.call({ body: '{"a":"ü"}' });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['content-type'], JSON_TYPE);
    assert.equal(reply.body, '{"got":{"a":"ü"},"b":[1,null]}');
    assert.deepEqual(server.logged, []);
  });

  for (const value of ['null', '[]', '"text"', '0', 'false']) {
    it(`is sent ${value} when that is its value`, async (t) => {
      const server = await serve(t, [echo]);
      assert.equal((await server.call({ body: value })).body, value);
    });
  }

  it('is found whatever the query is, for the apiserver adds its timeout', async (t) => {
    const server = await serve(t, [echo]);
    assert.equal((await server.call({ path: '/validate?timeout=10s' })).status, 200);
  });

  for (const [timeout, waits] of [
    ['5s', 5000],
    ['1m0s', 60_000],
    ['1h2m3s', 3_723_000],
    ['0s', 0],
    ['250ms', null],
    ['', null],
    ['5', null],
    ['soon', null],
    ['-5s', null],
    ['5s&timeout=6s', null],
  ] as const) {
    it(`is told how long the caller waits who says timeout=${timeout}`, async (t) => {
      const server = await serve(t, [{ ...echo, handle: (_body, patience) => patience }]);
      const reply = await server.call({ path: `/validate?timeout=${timeout}` });
      assert.equal(reply.body, JSON.stringify(waits), 'JSON has null for what is infinite');
    });
  }

  for (const type of ['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON']) {
    it(`accepts the media type ${type}`, async (t) => {
      const server = await serve(t, [echo]);
      assert.equal((await server.call({ headers: { 'content-type': type } })).status, 200);
    });
  }

  it('is called with keys that look like a prototype as properties like any other, and not refused for them', async (t) => {
    const server = await serve(t, [echo]);
    const body = '{"__proto__":{"x":1},"a":{"constructor":{"prototype":{"x":1}}},"b":2}';
    const reply = await server.call({ body });
    assert.equal(reply.status, 200);
    assert.equal(reply.body, body);
    assert.equal('x' in {}, false);
  });

  it('reads a body of exactly its limit and refuses one byte more, with and without a length announced', async (t) => {
    const route: Route = { path: '/validate', bodyLimit: ADMISSION_BODY_LIMIT, handle: () => 'read' };
    const server = await serve(t, [route]);
    const chunked = { ...json, 'transfer-encoding': 'chunked' };
    assert.equal((await server.call({ body: stringOf(8 * 1024 * 1024) })).status, 200);
    for (const headers of [json, chunked]) {
      const reply = await server.call({ headers, body: stringOf(8 * 1024 * 1024 + 1) });
      assert.equal(reply.status, 413);
      assert.equal(
        reply.body,
        '{"code":"BodyTooLarge","message":"The body sent to /validate is over 8388608 bytes: send less."}',
      );
    }
  });

  it('has a limit of its own', async (t) => {
    const server = await serve(t, [
      { path: '/small', bodyLimit: 10, handle: () => 'read' },
      { path: '/large', bodyLimit: 3 * 1024 * 1024, handle: () => 'read' },
    ]);
    assert.equal((await server.call({ path: '/small', body: stringOf(11) })).status, 413);
    assert.equal((await server.call({ path: '/large', body: stringOf(3 * 1024 * 1024) })).status, 200);
  });
});

interface Refusal {
  readonly title: string;
  readonly call: Call;
  readonly status: number;
  readonly body: string;
}

const refusals: Refusal[] = [
  {
    title: 'an unknown path',
    call: { path: '/nothing?a=b' },
    status: 404,
    body: '{"code":"NotFound","message":"There is nothing at /nothing: check the path."}',
  },
  {
    title: 'an unknown path before its body is read',
    call: { path: '/nothing', headers: { 'content-type': 'text/plain' }, body: stringOf(2 * 1024 * 1024) },
    status: 404,
    body: '{"code":"NotFound","message":"There is nothing at /nothing: check the path."}',
  },
  {
    title: 'a GET',
    call: { method: 'GET', headers: {}, body: '' },
    status: 405,
    body: '{"code":"MethodNotAllowed","message":"/validate does not take GET: send POST."}',
  },
  {
    title: 'a PUT with a body that is not JSON',
    call: { method: 'PUT', path: '/validate?timeout=10s', body: '{' },
    status: 405,
    body: '{"code":"MethodNotAllowed","message":"/validate does not take PUT: send POST."}',
  },
  {
    title: 'a method that few servers know',
    call: { method: 'PROPFIND' },
    status: 405,
    body: '{"code":"MethodNotAllowed","message":"/validate does not take PROPFIND: send POST."}',
  },
  ...['text/plain', 'application/x-yaml', 'application/jsonp', 'application/json-patch+json', 'nonsense'].map(
    (type) => ({
      title: `the media type ${type}`,
      call: { headers: { 'content-type': type } },
      status: 415,
      body: '{"code":"UnsupportedMediaType","message":"/validate reads JSON only: send Content-Type application/json."}',
    }),
  ),
  {
    title: 'a body with no media type',
    call: { headers: {} },
    status: 415,
    body: '{"code":"UnsupportedMediaType","message":"/validate reads JSON only: send Content-Type application/json."}',
  },
  {
    title: 'an empty body',
    call: { body: '' },
    status: 400,
    body: '{"code":"EmptyBody","message":"The body sent to /validate is empty: send JSON."}',
  },
  {
    title: 'neither a body nor a media type',
    call: { headers: {}, body: '' },
    status: 400,
    body: '{"code":"EmptyBody","message":"The body sent to /validate is empty: send JSON."}',
  },
  ...['{"a":', 'a: 1', ' '].map((body) => ({
    title: `the body ${JSON.stringify(body)}`,
    call: { body },
    status: 400,
    body: '{"code":"InvalidJson","message":"The body sent to /validate is not JSON: send JSON."}',
  })),
  {
    title: 'a URL that cannot be decoded',
    call: { path: '/%zz' },
    status: 400,
    body: '{"code":"InvalidUrl","message":"The URL cannot be decoded: check its % escapes."}',
  },
];

describe('a request is refused', () => {
  for (const { title, call, status, body } of refusals) {
    it(`for ${title} with ${status}`, async (t) => {
      const server = await serve(t, [echo]);
      const reply = await server.call(call);
      assert.equal(reply.body, body);
      assert.equal(reply.status, status);
      assert.equal(reply.headers['content-type'], JSON_TYPE);
      assert.equal(reply.headers.allow, status === 405 ? 'POST' : undefined);
    });
  }

  it('and the log says on which route and why, and nothing of what was sent', async (t) => {
    const server = await serve(t, [echo]);
    await server.call({ path: '/validate?secret=1', headers: { ...json, authorization: 'secret' }, body: '{"secret' });
    assert.deepEqual(server.logged, [{ level: 40, route: '/validate', code: 'InvalidJson', msg: 'request refused' }]);
  });

  it('as JSON when its bytes are not HTTP', async (t) => {
    const server = await serve(t, [echo]);
    const { text } = await converse({ port: server.port, ca: certificates.ca }, 'NONSENSE\r\n\r\n');
    assert.match(text, /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/json; charset=utf-8\r\n/);
    assert.equal(
      text.slice(text.indexOf('{')),
      '{"code":"MalformedRequest","message":"The bytes received are not an HTTP/1.1 request: send one."}',
    );
  });

  it('as JSON when its headers are too large', async (t) => {
    const server = await serve(t, [echo]);
    const { text } = await converse(
      { port: server.port, ca: certificates.ca },
      `POST /validate HTTP/1.1\r\nx: ${'a'.repeat(17 * 1024)}\r\n\r\n`,
    );
    assert.match(text, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
    assert.equal(
      text.slice(text.indexOf('{')),
      '{"code":"HeadersTooLarge","message":"The headers are too large: send less."}',
    );
  });
});

describe('a handler that throws', () => {
  it('a coded error is answered 400 with that code', async (t) => {
    const server = await serve(t, [failing(new CodedError('ScaleMissing', 'Say what to scale.'))]);
    const reply = await server.call();
    assert.equal(reply.status, 400);
    assert.equal(reply.body, '{"code":"ScaleMissing","message":"Say what to scale."}');
    assert.equal(server.logged[0]?.code, 'ScaleMissing');
  });

  const borrowedStatus = Object.assign(new Error('pods "secret" not found'), { statusCode: 404, code: 404 });
  for (const error of [new TypeError('secret is not a function'), borrowedStatus, 'secret']) {
    it(`${error} is answered 500 with a fixed sentence`, async (t) => {
      const server = await serve(t, [failing(error)]);
      const reply = await server.call();
      assert.equal(reply.status, 500);
      assert.equal(
        reply.body,
        '{"code":"InternalError","message":"packdown failed on this request: its log says why."}',
      );
    });
  }

  it('a promise that is rejected with something other than an error is a failure all the same', async (t) => {
    const server = await serve(t, [{ ...echo, handle: () => Promise.reject('boom') }]);
    const { status, body } = await server.call();
    assert.deepEqual([status, JSON.parse(body).code], [500, 'InternalError']);
  });

  it('an unforeseen error is logged with its route, its code and where it was thrown', async (t) => {
    const error = new TypeError('boom');
    const server = await serve(t, [failing(error)]);
    await server.call({ body: '{"secret":1}' });
    assert.deepEqual(server.logged, [
      { level: 50, route: '/validate', code: 'InternalError', stack: error.stack, msg: 'request failed' },
    ]);
  });
});

describe('a connection', () => {
  it('serves one request after another and is kept longer than the 90 s of Go clients', async (t) => {
    const server = await serve(t, [echo]);
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const first = await server.call({ agent });
    const second = await server.call({ agent });
    assert.equal(first.headers['keep-alive'], 'timeout=120');
    assert.deepEqual([first.reused, second.reused], [false, true]);
  });

  it('takes a request that comes as soon as a long answer has gone, on each of some connections', async (t) => {
    const answer = 'a'.repeat(200_000);
    const server = await serve(t, [{ path: '/validate', bodyLimit: 1_000_000, handle: () => answer }]);
    const body = stringOf(100_000);
    const bytes = headersOf('/validate', body.length) + body;
    const workerData = { port: server.port, ca: certificates.ca, bytes, times: 50 } satisfies Eager;
    const answered = Array.from({ length: 4 }, () => {
      const client = new Worker(new URL('./eager-client.ts', import.meta.url), { workerData });
      t.after(() => client.terminate());
      return once(client, 'message');
    });
    assert.deepEqual((await Promise.all(answered)).flat(), [50, 50, 50, 50]);
  });

  it('is still of use after a refused body', async (t) => {
    const server = await serve(t, [echo]);
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    for (const body of [stringOf(1025), '{"a":']) await server.call({ agent, body });
    const reply = await server.call({ agent });
    assert.deepEqual([reply.status, reply.reused], [200, true]);
  });
});
