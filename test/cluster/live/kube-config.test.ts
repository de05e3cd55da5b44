import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import { emptyKubeConfig } from '../../../src/cluster/live/kube-config.ts';

test("client-node's KubeConfig is loaded without the classes of every API, and does what we need of it", async () => {
  const loaded: string[] = [];
  const hooks = registerHooks({
    load: (url, context, next) => {
      loaded.push(url);
      return next(url, context);
    },
  });
  const config = await emptyKubeConfig();
  hooks.deregister();
  assert.ok(loaded.some((url) => url.endsWith('/client-node/dist/config.js')));
  assert.deepEqual(
    loaded.filter((url) => /\/gen\/(models|apis|types)\//.test(url)),
    [],
  );

  config.loadFromClusterAndUser(
    { name: 'c', server: 'https://127.0.0.1:1', skipTLSVerify: true },
    { name: 'u', token: 's3cret' },
  );
  const options: { headers?: object; rejectUnauthorized?: boolean } = {};
  await config.applyToHTTPSOptions(options);
  assert.deepEqual([options.headers, options.rejectUnauthorized], [{ Authorization: 'Bearer s3cret' }, false]);
});
