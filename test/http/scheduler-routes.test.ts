import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import type { PodBinding } from '../../src/domain/fleet/binder.ts';
import { SCHEDULER_BODY_LIMIT } from '../../src/http/route.ts';
import { schedulerRoutes } from '../../src/http/scheduler-routes.ts';
import { configOf } from '../admission/webhook.ts';
import {
  appsPod,
  fleetOf,
  marked,
  NO_TARGET_SET,
  NOW,
  nodeOf,
  podOf,
  servingGroup,
  theirs,
} from '../builders/fleet.ts';
import { deployment, serving } from '../builders/workload.ts';
import { byName, pendingPod } from '../scheduler/extender-bodies.ts';
import { recorded } from '../scheduler/volcano/volcano-bodies.ts';
import { serve } from './test-server.ts';

const web = deployment(2, { kind: 'ReplicaSet', uid: 'uid-of-web' });
const pending = appsPod(web, 'new', { node: null, phase: 'Pending' });

interface Setup {
  readonly index?: FleetIndex;
  readonly config?: string;
  readonly targetSet?: readonly string[];
  readonly withBinder?: boolean;
  /** Keeps what is bound, in place of a binder that looks. */
  readonly bound?: PodBinding[];
  readonly staleness?: number | null;
  readonly catchUp?: () => Promise<void>;
}

async function nothingNew(): Promise<void> {}

/** The scheduler's paths over a fleet in memory. */
async function serveScheduler(
  t: TestContext,
  {
    index = fleetOf([]),
    config,
    targetSet,
    withBinder = false,
    bound,
    staleness = 0,
    catchUp = nothingNew,
  }: Setup = {},
) {
  const fleet = new EmbeddedFleet(index, () => NOW);
  const known = { snapshot: () => index, staleness: () => staleness, write: async () => [] };
  const store = { current: () => (targetSet === undefined ? null : { version: '1', nodes: targetSet }) };
  const keeper = bound && { bind: async (binding: PodBinding) => void bound.push(binding) };
  const binder = keeper ?? (withBinder ? fleet : null);
  const routes = schedulerRoutes({
    fleet: known,
    config: configOf(config),
    targetSet: store,
    binder,
    catchUp,
  });
  const server = await serve(t, routes);
  return {
    ...server,
    routes,
    post: (path: string, body: unknown) => server.call({ path, body: JSON.stringify(body) }),
    send: (path: string, body: string) => server.call({ path, body }),
  };
}

const bindingOf = ({ namespace, name, uid }: typeof pending, node: string) => ({
  PodName: name,
  PodNamespace: namespace,
  PodUID: uid,
  Node: node,
});

describe('/scheduler/bind', () => {
  it('is not there where callers do not prove who they are', async (t) => {
    const { post } = await serveScheduler(t);
    const reply = await post('/scheduler/bind', bindingOf(pending, 'n1'));
    assert.equal(reply.status, 404);
    assert.equal(reply.body, '{"code":"NotFound","message":"There is nothing at /scheduler/bind: check the path."}');
  });

  it('gives the pod its node and the cost that the webhook would have stamped', async (t) => {
    const index = fleetOf([pending, podOf('other', { node: 'n1' })], [web]);
    const { post } = await serveScheduler(t, { index, withBinder: true });
    const reply = await post('/scheduler/bind', bindingOf(pending, 'n1'));
    assert.deepEqual([reply.status, reply.body], [200, '{"Error":""}']);
    // 100 · (8/64 + 64/512 + 5 · 2/8) / 7 = 21.43.
    const { node, cost, costOwner } = index.pod(pending.namespace, pending.name) ?? podOf('none');
    assert.deepEqual([node, cost, costOwner], ['n1', '21', '21']);
  });

  const unstamped: readonly [title: string, pod: typeof pending, config?: string][] = [
    ['whose controller reads no costs', podOf('alone', { node: null })],
    ['with a cost of somebody else', { ...pending, ...theirs(7) }],
    ['of an installation that only observes', pending, 'mode: observe'],
    ['of an exempt namespace', pending, 'exemptNamespaces: [default]'],
  ];
  for (const [title, pod, config] of unstamped) {
    it(`leaves the cost of a pod ${title} as it is`, async (t) => {
      const index = fleetOf([pod], [web], [nodeOf('n1')]);
      const { post } = await serveScheduler(t, { index, withBinder: true, ...(config !== undefined && { config }) });
      assert.equal((await post('/scheduler/bind', bindingOf(pod, 'n1'))).body, '{"Error":""}');
      const { node, cost, costOwner } = index.pod(pod.namespace, pod.name) ?? podOf('none');
      assert.deepEqual([node, cost, costOwner], ['n1', pod.cost, null]);
    });
  }

  it('binds without a cost what the fleet has not seen: a pod of this name made anew, or any before the first look', async (t) => {
    const index = fleetOf([pending], [web], [nodeOf('n1')]);
    for (const [uid, staleness, costs] of [
      [pending.uid, 0, 2],
      ['made-anew', 0, 0],
      [pending.uid, null, 0],
    ] as const) {
      const bound: PodBinding[] = [];
      const { post } = await serveScheduler(t, { index, bound, staleness });
      await post('/scheduler/bind', { ...bindingOf(pending, 'n1'), PodUID: uid });
      assert.deepEqual(
        bound.map((binding) => [binding.uid, Object.keys(binding.annotations).length]),
        [[uid, costs]],
      );
    }
  });

  it('waits for the news of a pod of which the scheduler has heard first', async (t) => {
    for (const before of [[], [{ ...pending, uid: 'the-one-before' }]]) {
      const index = fleetOf([...before, podOf('other', { node: 'n1' })], [web]);
      const catchUp = async () => index.putPod(pending);
      const { post } = await serveScheduler(t, { index, withBinder: true, catchUp });
      assert.equal((await post('/scheduler/bind', bindingOf(pending, 'n1'))).body, '{"Error":""}');
      assert.equal(index.pod(pending.namespace, pending.name)?.cost, '21');
    }
  });

  it('says why a pod cannot be bound', async (t) => {
    const index = fleetOf([appsPod(web, 'old', { node: 'n1' }), pending], [web]);
    const { post } = await serveScheduler(t, { index, withBinder: true });
    const answers = [
      [{ ...bindingOf(pending, 'n1'), PodUID: 'another' }, 'pod default/web-new with uid another is not in the fleet'],
      [bindingOf(appsPod(web, 'old'), 'n2'), 'pod default/web-old is on n1 already'],
    ];
    for (const [body, problem] of answers) {
      const reply = await post('/scheduler/bind', body);
      assert.deepEqual([reply.status, reply.body], [200, JSON.stringify({ Error: problem })]);
    }
  });
});

describe('the configuration', () => {
  const gang = serving(1, { decode: { replicas: 2, gangMinimum: 2 } });
  const pods = servingGroup(gang, 0, ({ replica }) => ({ node: `n${replica}` }));
  const index = () => fleetOf([...pods, podOf('single', { node: 'n2' })], [gang]);
  const victims = (...names: readonly [node: string, pod: string][]) => ({
    Pod: pendingPod(),
    NodeNameToVictims: null,
    NodeNameToMetaVictims: Object.fromEntries(
      names.map(([node, pod]) => [node, { Pods: [{ UID: `uid-of-${pod}` }], NumPDBViolations: 0 }]),
    ),
  });
  const kept = async (t: TestContext, config: string) => {
    const { post } = await serveScheduler(t, { index: index(), config });
    const reply = await post('/scheduler/preempt', victims(['n1', 'llama-0-decode-1-0'], ['n2', 'single']));
    return Object.keys(JSON.parse(reply.body).NodeNameToMetaVictims);
  };

  it('decides whether preemption keeps gangs whole, as it does by default', async (t) => {
    assert.deepEqual(await kept(t, ''), ['n2']);
    assert.deepEqual(await kept(t, 'rules: {gang-floor: warn}'), ['n2']);
    assert.deepEqual(await kept(t, 'rules: {gang-floor: off}'), ['n1', 'n2']);
    assert.deepEqual(await kept(t, 'exemptNamespaces: [default]'), ['n1', 'n2']);
  });

  it('weighs binpack and locality, and the target set is asked for at each call', async (t) => {
    const asked = byName(['n2', 'n3']);
    const scores = async (setup: Setup) => {
      const { post } = await serveScheduler(t, {
        index: fleetOf([podOf('single', { node: 'n2' })], [], [nodeOf('n3')]),
        ...setup,
      });
      return JSON.parse((await post('/scheduler/prioritize', asked)).body).map(({ Score }: { Score: number }) => Score);
    };
    assert.deepEqual(await scores({}), [3, 2]);
    assert.deepEqual(await scores({ config: 'scheduler: {binpack: 0}' }), [0, 0]);
    assert.deepEqual(await scores({ targetSet: ['n2'] }), [4, 2]);
  });
});

describe('Volcano’s verbs', () => {
  const decided = ['predicate', 'prioritize'];
  const answers = {
    preemptable: '{"status":0,"victims":[]}',
    reclaimable: '{"status":0,"victims":[]}',
    jobEnqueueable: '{"status":0}',
    jobEnqueued: '{}',
    jobReady: '{"status":true}',
    queueOverused: '{"overused":false}',
    allocate: '{"errorMessage":""}',
    deallocate: '{"errorMessage":""}',
    allocateFunc: '{"errorMessage":""}',
    deallocateFunc: '{"errorMessage":""}',
    onSessionOpen: '{}',
    onSessionClose: '{}',
  };

  const UNRECORDED = ['preemptable', 'reclaimable', 'deallocate', 'allocateFunc', 'deallocateFunc'];

  it('are these', async (t) => {
    const { routes } = await serveScheduler(t);
    const verbs = routes.flatMap(({ path }) => (path.startsWith('/volcano/') ? [path.slice('/volcano/'.length)] : []));
    assert.deepEqual(verbs.toSorted(), [...decided, ...Object.keys(answers)].toSorted());
  });

  for (const [verb, answer] of Object.entries(answers)) {
    it(`${verb} is answered so that everything goes on: ${answer}`, async (t) => {
      const { post } = await serveScheduler(t);
      const isRecorded = !UNRECORDED.includes(verb);
      const reply = await post(`/volcano/${verb}`, isRecorded ? recorded(verb) : { evictor: null, evictees: [] });
      assert.deepEqual([reply.status, reply.body], [200, answer]);
    });
  }

  it('leave unread what prioritize does not need of nodes, which come with all of their pods', async (t) => {
    const { send } = await serveScheduler(t, { index: fleetOf([], [], [nodeOf('n0')]) });
    const body = JSON.stringify(recorded('prioritize')).replaceAll('"Node":{', '"Node":{nothing that is JSON');
    const reply = await send('/volcano/prioritize', body);
    assert.deepEqual([reply.status, Object.keys(JSON.parse(reply.body).nodeScore)], [200, ['n0', 'n1', 'n2']]);
  });

  it('answer what was recorded of prioritize and predicate', async (t) => {
    const freed = serving(1, { decode: 1 });
    const pods = servingGroup(freed, 0, () => ({ node: 'n1', ...marked(0, 'llama-0') }));
    const index = fleetOf(pods, [freed], [nodeOf('n0'), nodeOf('n2')]);
    const { post } = await serveScheduler(t, { index });
    const { nodeScore, errorMessage } = JSON.parse((await post('/volcano/prioritize', recorded('prioritize'))).body);
    assert.deepEqual([Object.keys(nodeScore), nodeScore.n1, errorMessage], [['n0', 'n1', 'n2'], 0, '']);
    assert.equal(
      (await post('/volcano/predicate', recorded('predicate'))).body,
      '{"status":"packdown: a scale-down is freeing this node","code":3}',
    );
  });
});

const embedded = new EmbeddedFleet(fleetOf([]), () => NOW);
const EVERY_PATH = schedulerRoutes({
  fleet: embedded,
  config: configOf(),
  targetSet: NO_TARGET_SET,
  binder: embedded,
  catchUp: nothingNew,
}).map(({ path }) => path);

describe('every path of the schedulers', () => {
  for (const path of EVERY_PATH) {
    it(`${path} refuses what is no request with a code and a sentence, and goes on`, async (t) => {
      const { call, post } = await serveScheduler(t, { withBinder: true });
      const bodies = ['null', '[]', '"x"', '5', 'true', '{"Pod":', '\u0000', 'a: 1'];
      for (const body of bodies) {
        const { status, body: text } = await call({ path, body });
        const { code, message, ...rest } = JSON.parse(text);
        assert.deepEqual([status, rest], [400, {}], `${body} was answered ${status} ${text}`);
        assert.match(code, /^Invalid(Json|ExtenderArgs|PreemptionArgs|BindingArgs|VolcanoRequest)$/);
        assert.match(message, /send /);
      }
      assert.equal((await call({ path, method: 'GET', headers: {}, body: '' })).status, 405);
      assert.equal((await call({ path, headers: { 'content-type': 'text/plain' } })).status, 415);
      assert.equal((await post('/volcano/onSessionClose', {})).status, 200);
    });
  }

  it('has its body cut off at the limit, without reading on', async (t) => {
    const { routes, call } = await serveScheduler(t, { withBinder: true });
    assert.deepEqual(new Set(routes.map(({ bodyLimit }) => bodyLimit)), new Set([SCHEDULER_BODY_LIMIT]));
    const headers = { 'content-type': 'application/json', 'content-length': String(SCHEDULER_BODY_LIMIT + 1) };
    const reply = await call({
      path: '/scheduler/preempt',
      headers,
      body: Buffer.alloc(SCHEDULER_BODY_LIMIT + 1, ' '),
    });
    const message = `The body sent to /scheduler/preempt is over ${SCHEDULER_BODY_LIMIT} bytes: send less.`;
    assert.deepEqual([reply.status, reply.body], [413, JSON.stringify({ code: 'BodyTooLarge', message })]);
  });
});
