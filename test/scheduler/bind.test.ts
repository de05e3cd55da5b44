import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CodedError } from '../../src/domain/coded-error.ts';
import type { PodBinding } from '../../src/domain/fleet/binder.ts';
import { bind } from '../../src/scheduler/bind.ts';

const ASKED = { PodName: 'llama-0', PodNamespace: 'llm', PodUID: 'uid-1', Node: 'n1' };

/** Binds and keeps what it was told to. */
function binder(problem: Error | null = null) {
  const bound: PodBinding[] = [];
  return {
    bound,
    async bind(binding: PodBinding) {
      if (problem !== null) throw problem;
      bound.push(binding);
    },
  };
}

describe('bind', () => {
  it('gives the pod its node and its cost, with the record that the cost is ours', async () => {
    const port = binder();
    const asked: unknown[] = [];
    const costOn = (pod: object, node: string) => {
      asked.push([pod, node]);
      return '57';
    };
    assert.equal(JSON.stringify(await bind(ASKED, costOn, port)), '{"Error":""}');
    const { PodName: name, PodNamespace: namespace, PodUID: uid, Node: node } = ASKED;
    assert.deepEqual(asked, [[{ namespace, name, uid, node }, 'n1']]);
    const annotations = { 'controller.kubernetes.io/pod-deletion-cost': '57', 'packdown.io/cost-owner': '57' };
    assert.deepEqual(port.bound, [{ namespace, name, uid, node, annotations }]);
  });

  it('gives no annotations where no cost is due', async () => {
    const port = binder();
    await bind(ASKED, () => null, port);
    assert.deepEqual(port.bound[0]?.annotations, {});
  });

  it('tells the scheduler what stood in the way', async () => {
    const refusal = new CodedError('ApiError', 'pod llama-0 is already assigned to node "n2"');
    const answer = await bind(ASKED, () => null, binder(refusal));
    assert.deepEqual(answer, { Error: 'pod llama-0 is already assigned to node "n2"' });
  });

  it('lets an unforeseen error through, whose words are not for others', async () => {
    await assert.rejects(
      bind(ASKED, () => null, binder(new TypeError('boom'))),
      TypeError,
    );
  });

  for (const body of [null, [], 'x', {}]) {
    it(`refuses ${JSON.stringify(body)}`, async () => {
      const message = 'the body is no ExtenderBindingArgs: PodNamespace is missing; send what kube-scheduler sends';
      await assert.rejects(
        bind(body, () => null, binder()),
        { code: 'InvalidBindingArgs', message },
      );
    });
  }
  for (const key of Object.keys(ASKED)) {
    for (const value of [undefined, '', 5, null]) {
      it(`refuses ${JSON.stringify(value)} as ${key}, and binds nothing`, async () => {
        const port = binder();
        const message = new RegExp(`: ${key} is missing; `);
        await assert.rejects(
          bind({ ...ASKED, [key]: value }, () => null, port),
          { code: 'InvalidBindingArgs', message },
        );
        assert.deepEqual(port.bound, []);
      });
    }
  }
});
