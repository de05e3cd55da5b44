import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { isObject } from '../../src/workloads/core/json.ts';
import { appsPod, fleetOf, ours } from '../builders/fleet.ts';
import { captured } from '../builders/review.ts';
import { deployment } from '../builders/workload.ts';
import { call, converse } from '../http/http-client.ts';
import { certificates } from '../http/test-server.ts';
import { byName, byNode, nodeObject, pendingPod } from '../scheduler/extender-bodies.ts';
import { observedServer } from './observed-server.ts';

const SECRET = 'hunter2';
const secretive = { password: SECRET, env: [{ name: 'TOKEN', value: SECRET }] };

/** The ReplicaSet that one of the captured reviews resizes, with its pods. */
const webSet = {
  ...deployment(4, { kind: 'ReplicaSet', namespace: 'd', name: 'web-69f8d49ffb' }),
  uid: '2e8b40d7-13a1-4ab0-b726-ceb282fd9d56',
};
const pods = [0, 1, 2, 3].map((created) => appsPod(webSet, `p${created}`, { created, ...ours(21) }));

/** A server that logs all that it can, and what is asked of it. */
async function talkative(t: TestContext) {
  const { port, logged } = await observedServer(t, { index: fleetOf(pods, [webSet]), logLevel: 'trace' });
  const ask = (path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
    call({
      ...{ port, ca: certificates.ca, method: 'POST', path, body },
      headers: { 'content-type': 'application/json', authorization: `Bearer ${SECRET}`, cookie: SECRET, ...headers },
    });
  const saysNothing = () => {
    assert.ok(logged.length > 0);
    assert.doesNotMatch(JSON.stringify(logged), new RegExp(SECRET));
  };
  return { port, ask, saysNothing, logged };
}

/** Every value within, replaced one at a time. */
function* replaced(value: unknown, by: unknown): Generator<unknown> {
  yield by;
  if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) {
      for (const other of replaced(inner, by)) yield value.with(index, other);
    }
  } else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      for (const other of replaced(inner, by)) yield { ...value, [key]: other };
    }
  }
}

/** The same with secrets wherever they are at home. */
function withSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSecrets);
  if (!isObject(value)) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withSecrets(one)]));
  const { metadata, containers, userInfo } = inner;
  return {
    ...inner,
    ...(isObject(metadata) && {
      metadata: {
        ...metadata,
        annotations: { ...(isObject(metadata.annotations) && metadata.annotations), 'example.com/applied': SECRET },
        managedFields: [{ manager: SECRET }],
      },
    }),
    ...(Array.isArray(containers) && { containers: containers.map((one) => ({ ...one, ...secretive })) }),
    ...(isObject(userInfo) && { userInfo: { ...userInfo, extra: { token: [SECRET] } } }),
  };
}

describe('at no level the log says a secret', () => {
  for (const [path, name] of [
    ['/validate', 'rs-update-by-deployment-controller'],
    ['/validate', 'ms-update-ssa-role'],
    ['/validate', 'deploy-scale-hpa-put'],
    ['/mutate', 'binding-default-scheduler'],
  ] as const) {
    it(`that a review holds: ${name}, whichever field has an object where none belongs`, async (t) => {
      const { ask, saysNothing } = await talkative(t);
      const review = withSecrets(captured(name));
      assert.match(JSON.stringify(review), new RegExp(SECRET));
      await ask(path, JSON.stringify(review));
      for (const broken of replaced(review, secretive)) await ask(path, JSON.stringify(broken));
      saysNothing();
    });
  }

  for (const path of ['/scheduler/filter', '/scheduler/prioritize', '/scheduler/preempt']) {
    it(`that a scheduler sends to ${path}`, async (t) => {
      const { ask, saysNothing } = await talkative(t);
      for (const args of [byName(['n1'], pendingPod()), byNode([nodeObject('n1')], pendingPod())]) {
        for (const broken of replaced(withSecrets(args), secretive)) await ask(path, JSON.stringify(broken));
      }
      saysNothing();
    });
  }

  it('of headers, queries and bodies that are refused', async (t) => {
    const { port, ask, saysNothing, logged } = await talkative(t);
    const text = JSON.stringify(secretive);
    const statuses = [
      await ask('/validate', `{"password":${SECRET}}`),
      await ask('/validate', `${SECRET}`),
      await ask('/validate', text),
      await ask(`/validate?token=${SECRET}`, text),
      await ask('/validate', text, { 'content-type': 'application/yaml' }),
      await ask('/validate', JSON.stringify(SECRET.repeat(2_000_000))),
      await ask(`/nothing?token=${SECRET}`, text),
      await call({ port, ca: certificates.ca, path: `/validate?token=${SECRET}`, headers: { authorization: SECRET } }),
    ].map(({ status }) => status);
    assert.deepEqual(statuses, [400, 400, 400, 400, 415, 413, 404, 405]);
    const { text: answer } = await converse({ port, ca: certificates.ca }, `${SECRET} ${text}\r\n\r\n`);
    assert.match(answer, /^HTTP\/1.1 400/);
    assert.equal(logged.length, 9);
    saysNothing();
  });
});
