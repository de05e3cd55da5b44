import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../../src/cluster/live/kube-errors.ts';
import { TlsSecret } from '../../../src/cluster/live/tls-secret.ts';
import { type JsonObject, listAt, objectAt } from '../../../src/workloads/core/json.ts';
import type { PatchOperation } from '../../../src/workloads/core/json-patch.ts';
import { applyPatch } from './json-patch.ts';

const SECRET = '/api/v1/namespaces/packdown-system/secrets/packdown-tls';
const VALIDATING = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/packdown';
const MUTATING = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/packdown';
/** Nothing ends sooner. */
const UNTIL = new AbortController().signal;
const PEM = { ca: 'the ca', cert: 'the cert', key: 'the key' };

/** An apiserver with these objects by path, and what was patched. `meddle` is called before every patch. */
function apiWith(objects: Record<string, JsonObject>, meddle: (path: string) => void = () => undefined) {
  const patches: string[] = [];
  const get = async (path: string): Promise<JsonObject> => {
    const object = objects[path];
    if (object === undefined) throw new ApiError(`GET ${path}`, 404, 'NotFound', '', null);
    return object;
  };
  return {
    objects,
    patches,
    api: {
      get,
      async patch(path: string, operations: readonly PatchOperation[]): Promise<JsonObject> {
        meddle(path);
        const patched = applyPatch(await get(path), operations);
        if (patched === null) throw new ApiError(`PATCH ${path}`, 422, 'Invalid', '', null);
        patches.push(path);
        objects[path] = patched;
        return patched;
      },
    },
  };
}

function secretWith(data?: Record<string, string>): JsonObject {
  return { metadata: { name: 'packdown-tls', resourceVersion: '7' }, ...(data && { data }) };
}

function webhooks(...bundles: (string | undefined)[]): JsonObject {
  return {
    webhooks: bundles.map((caBundle, index) => ({
      name: `w${index}.packdown.io`,
      clientConfig: { url: 'https://127.0.0.1', ...(caBundle && { caBundle }) },
    })),
  };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const bundlesOf = (configuration: JsonObject | undefined) =>
  listAt(configuration, 'webhooks').map((webhook) => objectAt(webhook, 'clientConfig').caBundle);
const tlsSecret = (api: ConstructorParameters<typeof TlsSecret>[0]) =>
  new TlsSecret(api, { namespace: 'packdown-system', name: 'packdown-tls' });

test('an empty Secret holds nothing, nor does one with a part missing', async () => {
  for (const secret of [secretWith(), secretWith({ 'tls.crt': base64('c'), 'tls.key': base64('k') })]) {
    const { api } = apiWith({ [SECRET]: secret });
    assert.deepEqual(await tlsSecret(api).read(UNTIL), { stored: null, version: '7' });
  }
});

test('what was written is read', async () => {
  const { api, objects } = apiWith({ [SECRET]: secretWith() });
  assert.equal(await tlsSecret(api).write(PEM, '7', UNTIL), true);
  assert.deepEqual((await tlsSecret(api).read(UNTIL)).stored, PEM);
  assert.deepEqual(Object.keys(objectAt(objects[SECRET], 'data')).sort(), ['ca.crt', 'tls.crt', 'tls.key']);
});

test('nothing is written over what somebody else wrote in the meantime', async () => {
  const { api, patches } = apiWith({ [SECRET]: secretWith() });
  assert.equal(await tlsSecret(api).write(PEM, '6', UNTIL), false);
  assert.deepEqual(patches, []);
});

test('a Secret that is not there is an error that names it', async () => {
  await assert.rejects(tlsSecret(apiWith({}).api).read(UNTIL), /secrets\/packdown-tls with 404/);
});

test('every webhook of both configurations is made to trust the CA', async () => {
  const { api, objects } = apiWith({ [VALIDATING]: webhooks(undefined), [MUTATING]: webhooks('b2xk', undefined) });
  await tlsSecret(api).trust('the ca', UNTIL);
  assert.deepEqual(bundlesOf(objects[VALIDATING]), [base64('the ca')]);
  assert.deepEqual(bundlesOf(objects[MUTATING]), [base64('the ca'), base64('the ca')]);
});

test('nothing is written where the CA is trusted already', async () => {
  const { api, patches } = apiWith({ [VALIDATING]: webhooks(base64('ca')), [MUTATING]: webhooks(base64('ca')) });
  await tlsSecret(api).trust('ca', UNTIL);
  assert.deepEqual(patches, []);
});

test('webhooks that are reordered while it looks get the right CA all the same', async () => {
  let isMeddled = false;
  const { api, objects } = apiWith({ [VALIDATING]: webhooks('b2xk', undefined), [MUTATING]: webhooks() }, (path) => {
    if (isMeddled) return;
    isMeddled = true;
    objects[path] = { webhooks: listAt(objects[path], 'webhooks').toReversed() };
  });
  await tlsSecret(api).trust('ca', UNTIL);
  assert.deepEqual(bundlesOf(objects[VALIDATING]), [base64('ca'), base64('ca')]);
});

test('somebody who keeps taking the CA out again is told of, not fought', async () => {
  const { api, objects, patches } = apiWith({ [VALIDATING]: webhooks(undefined), [MUTATING]: webhooks() });
  const { patch } = api;
  api.patch = async (path, operations) => {
    const patched = await patch(path, operations);
    objects[path] = webhooks(undefined);
    return patched;
  };
  await assert.rejects(tlsSecret(api).trust('ca', UNTIL), { code: 'Contended' });
  assert.ok(patches.length < 10);
});

test('of a configuration that somebody has deleted nobody has to trust anything', async () => {
  const { api, objects } = apiWith({ [VALIDATING]: webhooks(undefined) });
  await tlsSecret(api).trust('ca', UNTIL);
  assert.deepEqual(bundlesOf(objects[VALIDATING]), [base64('ca')]);
});
