import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { Steering } from '../../src/admission/steering.ts';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import { routes } from '../../src/http/routes.ts';
import { configOf } from '../admission/webhook.ts';
import { fleetOf, NO_TARGET_SET, NOW } from '../builders/fleet.ts';
import { bytesInUse } from '../builders/memory.ts';
import { until } from '../e2e/control-plane/wait.ts';
import { chunked, headersOf, open, pour, problemIn, refusal } from './raw-client.ts';
import { startOps } from './test-ops-server.ts';
import { PATIENT, serve } from './test-server.ts';

/** Waits for all but for what is refused already. */
const UNREAD = { ...PATIENT, unreadTimeout: 50 };
const HASTY = { ...PATIENT, headersTimeout: 100, requestTimeout: 200, unreadTimeout: 50 };

/** Who waits for its answer only is not timed out: on a busy machine that could come first. */
const timeoutsFor = ({ status }: ReturnType<typeof refusal>) => (status === '408' ? HASTY : UNREAD);

const now = () => NOW;
const fleet = new EmbeddedFleet(fleetOf([]), now);
const config = configOf();
const steering = new Steering({ fleet, config, now, wait: async () => undefined, targetSet: NO_TARGET_SET });
/** Everything that is answered on port 8443. */
const ROUTES = routes({
  fleet,
  config,
  steering,
  onAnswered: () => () => undefined,
  targetSet: NO_TARGET_SET,
  binder: fleet,
});

/** How a client may misbehave once it has a connection, and the answer that it gets before it loses that. */
const MISBEHAVIOURS: readonly {
  readonly title: string;
  readonly bytes: (path: string, limit: number) => string;
  readonly goesOn?: (socket: Socket) => void;
  readonly answer: ReturnType<typeof refusal>;
}[] = [
  {
    title: 'announces a body over the limit and never sends it',
    bytes: (path, limit) => headersOf(path, limit + 1),
    answer: refusal('413', 'BodyTooLarge'),
  },
  {
    title: 'sends a body without end',
    bytes: chunked,
    goesOn: (socket) => pour(socket, Buffer.from(`100000\r\n${' '.repeat(0x100000)}\r\n`)),
    answer: refusal('413', 'BodyTooLarge'),
  },
  {
    title: 'never sends the rest of its headers',
    bytes: (path) => `POST ${path} HTTP/1.1\r\nHost: x\r\nX-`,
    answer: refusal('408', 'RequestTimeout'),
  },
  {
    title: 'never sends the rest of its body',
    bytes: (path) => `${headersOf(path, 100)}{"request":`,
    answer: refusal('408', 'RequestTimeout'),
  },
  {
    title: 'sends its body a byte at a time',
    bytes: (path) => headersOf(path, 1_000_000),
    goesOn: (socket) => {
      const drip = setInterval(() => socket.write(' '), 5);
      socket.once('close', () => clearInterval(drip));
    },
    answer: refusal('408', 'RequestTimeout'),
  },
  {
    title: 'sends a chunk that is none',
    bytes: (path) => `${chunked(path)}what?\r\n`,
    answer: refusal('400', 'MalformedRequest'),
  },
];

describe('a client of any path', () => {
  for (const { title, bytes, goesOn, answer } of MISBEHAVIOURS) {
    it(`that ${title} is answered ${answer.status} ${answer.code} and let go of`, async (t) => {
      const server = await serve(t, ROUTES, null, timeoutsFor(answer));
      for (const { path, bodyLimit } of ROUTES) {
        const { socket, ended } = await open(server.port, bytes(path, bodyLimit));
        goesOn?.(socket);
        assert.deepEqual(problemIn(await ended), answer, path);
      }
    });
  }

  for (const body of ['', '{"request":', '\u0000\u0001', '[', '"'.repeat(1000), '['.repeat(100_000)]) {
    it(`that sends ${JSON.stringify(body.slice(0, 20))} (${body.length} bytes) is told so, and may go on`, async (t) => {
      const server = await serve(t, ROUTES, null, PATIENT);
      for (const { path } of ROUTES) {
        const reply = await server.call({ path, body });
        const { code, message, ...rest } = JSON.parse(reply.body);
        assert.deepEqual([reply.status, code, rest], [400, body === '' ? 'EmptyBody' : 'InvalidJson', {}], path);
        assert.match(message, /: send JSON\.$/);
      }
    });
  }

  it('that goes away in the middle of its body leaves nothing behind', async (t) => {
    const server = await serve(t, ROUTES, null, PATIENT);
    for (const { path } of ROUTES) {
      const { socket, ended } = await open(server.port, `${headersOf(path, 1000)}{"request":`);
      socket.destroy();
      await ended;
    }
    // It waits for what is open and for what is in flight, far longer than a test may take.
    await server.close(3_600_000);
    assert.deepEqual(
      server.logged.filter(({ code }) => code !== 'RequestAborted'),
      [],
    );
  });

  it('that connects and never begins with TLS is let go of', async (t) => {
    const server = await serve(t, ROUTES, null, { ...PATIENT, handshakeTimeout: 100 });
    assert.equal(await (await open(server.port, '', true)).ended, '');
  });
});

describe('a hundred and fifty clients that never finish', () => {
  it('keep nobody from an answer, and what they have sent is forgotten once they are gone', async (t) => {
    const server = await serve(t, ROUTES, null, PATIENT);
    const half = ' '.repeat(512 * 1024);
    const before = bytesInUse();
    const opened = await Promise.all(
      Array.from({ length: 150 }, (_, index) => {
        const { path } = ROUTES[index % ROUTES.length] ?? { path: '/validate' };
        if (index % 3 === 0) return open(server.port, '', true);
        if (index % 3 === 1) return open(server.port, `POST ${path} HTTP/1.1\r\nHost: x\r\nX-`);
        return open(server.port, headersOf(path, 2 * half.length) + half);
      }),
    );
    const heldOpen = opened.filter(({ socket }) => !socket.destroyed).length;
    for (const { path } of ROUTES) {
      const reply = await server.call({ path, body: '{"request":' });
      assert.deepEqual([reply.status, JSON.parse(reply.body).code], [400, 'InvalidJson']);
    }
    assert.equal(heldOpen, 150);
    for (const { socket } of opened) socket.destroy();
    await Promise.all(opened.map(({ ended }) => ended));
    await until('the memory to be free again', async () => bytesInUse() - before < 10 * 1024 * 1024);
  });
});

describe('a client of the ops port', () => {
  const cases: readonly [title: string, bytes: string, answer: ReturnType<typeof refusal>][] = [
    ['never sends the rest of its headers', 'GET /livez HTTP/1.1\r\nHost: x\r\nX-', refusal('408', 'RequestTimeout')],
    ['sends too many headers', `GET /livez HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, refusal('431', 'HeadersTooLarge')],
    ['sends what is not HTTP', '\u0016\u0003\u0001\r\n\r\n', refusal('400', 'MalformedRequest')],
    ['announces a body and never sends it', headersOf('/plan', 1e9), refusal('405', 'MethodNotAllowed')],
    ['announces a body for no path', headersOf('/', 1e9), refusal('404', 'NotFound')],
    ['asks for costs by no name', 'GET /costs HTTP/1.0\r\n\r\n', refusal('403', 'ForeignHost')],
  ];
  for (const [title, bytes, answer] of cases) {
    it(`that ${title} is answered ${answer.status} ${answer.code} and let go of`, async (t) => {
      const { port } = await startOps(t, { timeouts: timeoutsFor(answer) });
      assert.deepEqual(problemIn(await (await open(port, bytes, true)).ended), answer);
    });
  }

  for (const path of ['/livez', '/readyz', '/metrics', '/version', '/costs', '/plan']) {
    it(`that sends ${path} a body without end is answered, for nobody reads that, and let go of`, async (t) => {
      const { port } = await startOps(t, { timeouts: { ...HASTY, headersTimeout: 1000, requestTimeout: 1000 } });
      const { socket, ended } = await open(port, chunked(path).replace('POST', 'GET'), true);
      pour(socket, Buffer.from(`100000\r\n${' '.repeat(0x100000)}\r\n`));
      assert.match(await ended, /^HTTP\/1\.1 200 OK\r\n/);
    });
  }
});
