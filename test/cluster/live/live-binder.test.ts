import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeApi } from '../../../src/cluster/live/kube-api.ts';
import { ApiError } from '../../../src/cluster/live/kube-errors.ts';
import { liveBinder } from '../../../src/cluster/live/live-binder.ts';

const PLACE = { namespace: 'llm', name: 'llama-0', uid: 'uid-1', node: 'n1' };

/** What is posted when this is bound. */
async function posted(binding: Parameters<ReturnType<typeof liveBinder>['bind']>[0]) {
  const calls: [path: string, body: string][] = [];
  const post: KubeApi['post'] = async (path, object) => {
    calls.push([path, JSON.stringify(object)]);
    return { kind: 'Status', status: 'Success' };
  };
  await liveBinder({ post }).bind(binding);
  return calls;
}

describe('binding through the API', () => {
  it('creates a Binding with the pod’s uid and the annotations', async () => {
    assert.deepEqual(await posted({ ...PLACE, annotations: { 'packdown.io/cost-owner': '57' } }), [
      [
        '/api/v1/namespaces/llm/pods/llama-0/binding',
        '{"apiVersion":"v1","kind":"Binding","metadata":{"namespace":"llm","name":"llama-0","uid":"uid-1","annotations":{"packdown.io/cost-owner":"57"}},"target":{"apiVersion":"v1","kind":"Node","name":"n1"}}',
      ],
    ]);
  });

  it('sends no annotations where there are none', async () => {
    const [[, body] = ['', '']] = await posted({ ...PLACE, annotations: {} });
    assert.doesNotMatch(body, /annotations/);
  });

  it('leads to no other path, whatever the names hold', async () => {
    const [[path] = ['']] = await posted({ ...PLACE, namespace: '../x', name: 'a/../../b?c#d', annotations: {} });
    assert.equal(path, '/api/v1/namespaces/..%2Fx/pods/a%2F..%2F..%2Fb%3Fc%23d/binding');
  });

  it('fails as the API does', async () => {
    const taken = new ApiError('POST', 409, 'Conflict', 'pod llama-0 is already assigned to node "n2"', null);
    const post: KubeApi['post'] = async () => Promise.reject(taken);
    await assert.rejects(liveBinder({ post }).bind({ ...PLACE, annotations: {} }), taken);
  });
});
