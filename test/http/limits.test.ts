import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { until } from '../e2e/control-plane/wait.ts';
import { chunked, headersOf, open, problemIn, refusal } from './raw-client.ts';
import { echo, PATIENT, serve } from './test-server.ts';

const KIB = 1024;
const WARN = 40;
const { path } = echo;

describe('connections', () => {
  const limits = { connections: 3, bodyMemory: Number.POSITIVE_INFINITY };

  it('beyond those that there may be are dropped, and earlier ones go on being answered', async (t) => {
    const { port, logged } = await serve(t, [echo], null, PATIENT, limits);
    const earlier = await Promise.all([1, 2, 3].map(() => open(port, '')));
    for (const _ of [1, 2]) {
      const surplus = await open(port, '');
      assert.equal(await surplus.ended, '');
    }
    for (const { socket } of earlier) assert.equal(await ask(socket), '200');
    const msg = 'as many connections are open as may be: others are dropped';
    assert.deepEqual(logged, [{ level: WARN, connections: 3, msg }]);
  });

  it('are taken again when there is room, and fill no log as one after another comes and goes', async (t) => {
    const { port, logged } = await serve(t, [echo], null, PATIENT, limits);
    let [first] = await Promise.all([1, 2, 3].map(() => open(port, '')));
    for (const _ of [1, 2]) {
      assert.equal(await (await open(port, '')).ended, '');
      first?.socket.destroy();
      first = await until('a connection to be taken', async () => {
        const taken = await open(port, '');
        return !taken.socket.destroyed && (await ask(taken.socket)) === '200' && taken;
      });
    }
    assert.equal(logged.length, 1);
  });

  it('that never ask for anything are let go of', async (t) => {
    const { port } = await serve(t, [echo], null, { ...PATIENT, headersTimeout: 100, requestTimeout: 200 });
    assert.deepEqual(problemIn(await (await open(port, '')).ended), refusal('408', 'RequestTimeout'));
  });
});

describe('a body of more values than its limit has room for', () => {
  const most = 52;
  const { bodyLimit } = echo;
  const cut = {
    ...echo,
    cut: (body: Buffer) => ({ json: body.toString().slice(1), whole: (parsed: unknown) => parsed }),
  };
  const list = (item: string, count: number) => `[${Array(count).fill(item).join()}]`;

  for (const [what, body] of [
    ['numbers', list('1', most + 1)],
    ['empty objects', list('{}', most / 2 + 1)],
    ['lists within each other', `${'['.repeat(most + 1)}${']'.repeat(most + 1)}`],
    ['keys', `{${list('"a":1', most / 2 + 1).slice(1, -1)}}`],
  ] satisfies [string, string][]) {
    it(`is refused, be it of ${what}`, async (t) => {
      const server = await serve(t, [echo]);
      const { status, body: answer } = await server.call({ body });
      assert.equal(status, 413);
      const message = `The body sent to ${path} holds over ${most} values and keys: send less.`;
      assert.deepEqual(JSON.parse(answer), { code: 'TooManyValues', message });
    });
  }

  it('is refused once something is cut out of it', async (t) => {
    const server = await serve(t, [cut]);
    assert.equal((await server.call({ body: `-${list('1', most + 1)}` })).status, 413);
    assert.equal((await server.call({ body: `-${list('1', most)}` })).status, 200);
  });

  it('is told from texts that look like it, and from as many as there may be', async (t) => {
    const server = await serve(t, [echo]);
    for (const body of [list('1', most), JSON.stringify(`\\",{[:${',{[:'.repeat(bodyLimit / 8)}`)])
      assert.deepEqual(JSON.parse((await server.call({ body })).body), JSON.parse(body));
  });
});

describe('bodies that are still coming in', () => {
  const room = { connections: 1000, bodyMemory: 1000 * KIB };
  const large = { ...echo, bodyLimit: 800 * KIB };
  const started = (t: TestContext) => serve(t, [large], null, { ...PATIENT, unreadTimeout: 50 }, room);
  const half = `"${' '.repeat(600 * KIB)}`;
  const rest = `${' '.repeat(60 * KIB)}"`;
  const slow = (port: number) => open(port, headersOf(path, half.length + rest.length) + half);

  it('are refused, the slowest first, where they would take more memory than they may', async (t) => {
    const { port, call } = await started(t);
    // One that is there has nothing to give back.
    assert.equal((await call({ body: half + rest })).status, 200);
    const [first, second] = [await slow(port), await slow(port)];
    assert.deepEqual(problemIn(await first.ended), refusal('503', 'TooManyBodies'));
    assert.equal(await statusOf(second.socket, rest), '200');
  });

  it('are counted with what node takes for their pieces', async (t) => {
    const { port, logged } = await started(t);
    const { ended } = await open(port, `${chunked(path)}${'1\r\n \r\n'.repeat(10_000)}`);
    assert.deepEqual(problemIn(await ended), refusal('503', 'TooManyBodies'));
    assert.deepEqual(logged, [{ level: WARN, route: path, code: 'TooManyBodies', msg: 'request refused' }]);
  });

  it('count no more once they are there, though their answer takes long', async (t) => {
    const [reached, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
    const handle = () => {
      reached.resolve();
      return answer.promise;
    };
    const thoughtful = { ...large, path: '/thoughtful', handle };
    const { port, call } = await serve(t, [large, thoughtful], null, PATIENT, room);
    const first = call({ path: '/thoughtful', body: half + rest });
    await reached.promise;
    const { socket } = await slow(port);
    assert.equal(await statusOf(socket, rest), '200');
    answer.resolve('late');
    assert.equal((await first).status, 200);
  });

  it('count no more once they are there, are refused or have broken off', async (t) => {
    const { port, call, logged } = await started(t);
    const tooLarge = chunked(path) + `${(450 * KIB).toString(16)}\r\n${' '.repeat(450 * KIB)}\r\n`.repeat(2);
    for (let round = 1; round <= 3; round += 1) {
      const { socket, ended } = await slow(port);
      socket.destroy();
      await ended;
      await until('the server to notice', async () => logged.filter(isAborted).length === round);
      assert.deepEqual(problemIn(await (await open(port, tooLarge)).ended), refusal('413', 'BodyTooLarge'));
      assert.equal((await call({ body: half + rest })).status, 200);
    }
  });
});

/** The status of the answer to what is sent on a connection that is open. */
async function statusOf(socket: Socket, bytes: string): Promise<string> {
  socket.write(bytes);
  const [chunk] = await new Promise<readonly [Buffer]>((resolve) => socket.once('data', (data) => resolve([data])));
  return chunk.toString().slice(9, 12);
}

const ask = (socket: Socket) => statusOf(socket, `${headersOf(path, 2)}{}`);
const isAborted = ({ code }: Record<string, unknown>) => code === 'RequestAborted';
