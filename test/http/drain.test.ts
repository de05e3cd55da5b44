import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { serve } from './test-server.ts';

/** A server whose /validate answers when `release` is called; `entered` resolves when a request has come in. */
async function serveSlowly(t: TestContext) {
  const entered = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  t.after(() => gate.resolve());
  const server = await serve(t, [
    {
      path: '/validate',
      bodyLimit: 1024,
      handle: async () => {
        entered.resolve();
        await gate.promise;
        return 'done';
      },
    },
    { path: '/mutate', bodyLimit: 1024, handle: () => 'done' },
  ]);
  return { server, entered: entered.promise, release: gate.resolve };
}

describe('a server that closes', () => {
  it('finishes the request in flight, refuses new connections, and ends its connection with the answer', async (t) => {
    const { server, entered, release } = await serveSlowly(t);
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const inFlight = server.call({ agent });
    await entered;
    const closed = server.close();
    await assert.rejects(server.call({ path: '/mutate' }), { code: 'ECONNREFUSED' });
    release();
    const reply = await inFlight;
    assert.deepEqual([reply.status, reply.body, reply.headers.connection], [200, '"done"', 'close']);
    await closed;
  });

  it('answers a request that was on its way on an idle connection, and ends that with the answer', async (t) => {
    const { server } = await serveSlowly(t);
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    await server.call({ agent, path: '/mutate' });
    const closed = server.close();
    const reply = await server.call({ agent, path: '/mutate' });
    assert.deepEqual([reply.status, reply.reused, reply.headers.connection], [200, true, 'close']);
    await closed;
  });

  it('closes a connection that is idle long before the grace is over', async (t) => {
    const { server } = await serveSlowly(t);
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    await server.call({ agent, path: '/mutate' });
    const [idle] = Object.values(agent.freeSockets).flat();
    assert.ok(idle);
    const ended = once(idle, 'close');
    await server.close(2 ** 30);
    await ended;
  });

  it('does not wait for a connection that has never carried a request', async (t) => {
    const { server } = await serveSlowly(t);
    const unused = connect(server.port, '127.0.0.1');
    t.after(() => unused.destroy());
    await once(unused, 'connect');
    const ended = once(unused, 'close');
    await server.close(2 ** 30);
    await ended;
  });

  it('cuts a request that outlasts the grace', async (t) => {
    const { server, entered } = await serveSlowly(t);
    const inFlight = server.call();
    await entered;
    const cut = assert.rejects(inFlight, { code: 'ECONNRESET' });
    await server.close(1);
    await cut;
  });

  it('does not wait beyond the grace for a client that never starts its handshake', async (t) => {
    const { server } = await serveSlowly(t);
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    const ended = once(socket, 'close');
    await server.close(1);
    socket.resume();
    await ended;
  });

  it('may be closed twice', async (t) => {
    const { server } = await serveSlowly(t);
    await Promise.all([server.close(), server.close()]);
  });
});
