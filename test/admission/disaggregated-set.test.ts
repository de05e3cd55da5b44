import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { fleetOfObjects, objectScale, objectUpdate } from '../builders/object-reviews.ts';
import { type KubernetesObject, objectOf, podObject } from '../builders/objects.ts';
import { refusal, webhook } from './webhook.ts';

describe('DisaggregatedSet', () => {
  const scaledBy = (...roles: readonly (readonly [name: string, mode: 'Static' | 'External'])[]) =>
    objectOf('disaggregatedset.x-k8s.io/v1', 'DisaggregatedSet', 'chat', {
      spec: { roles: roles.map(([name, mode]) => ({ name, scaling: { mode }, spec: { replicas: 1 } })) },
    });

  it('may have its roles handed to scalers, the first or all of them, and taken back', async () => {
    const own = scaledBy(['prefill', 'Static'], ['decode', 'Static']);
    const first = scaledBy(['prefill', 'External'], ['decode', 'Static']);
    const both = scaledBy(['prefill', 'External'], ['decode', 'External']);
    for (const [old, next] of [
      [own, first],
      [own, both],
      [first, both],
      [first, own],
      [both, own],
    ] as const) {
      assert.equal(await refusal(objectUpdate(old, next), old), null);
    }
  });

  it('may take a role back with another count than its scaler has', async () => {
    const first = scaledBy(['prefill', 'External'], ['decode', 'Static']);
    const own = objectOf('disaggregatedset.x-k8s.io/v1', 'DisaggregatedSet', 'chat', {
      spec: { roles: [{ name: 'prefill', spec: { replicas: 9 } }, { name: 'decode' }] },
    });
    const scaler = objectOf('disaggregatedset.x-k8s.io/v1', 'DisaggregatedSetRoleScaler', 'chat-prefill', {
      owner: first,
      labels: { 'disaggregatedset.x-k8s.io/role': 'prefill' },
      spec: { replicas: 2 },
    });
    assert.equal(await refusal(objectUpdate(first, own), first, scaler), null);
  });

  it('is refused a pair torn by taking a role back with none, and told to keep it, for its scaler goes', async () => {
    const set = (mode: 'External' | 'Static', replicas: number) =>
      objectOf('disaggregatedset.x-k8s.io/v1', 'DisaggregatedSet', 'chat', {
        annotations: { 'packdown.io/role-ratio': 'prefill:decode=1:2..1:1' },
        spec: {
          roles: [
            { name: 'prefill', spec: { replicas: 1 } },
            { name: 'decode', scaling: { mode }, spec: { replicas } },
          ],
        },
      });
    const scaler = objectOf('disaggregatedset.x-k8s.io/v1', 'DisaggregatedSetRoleScaler', 'chat-decode', {
      owner: set('External', 0),
      labels: { 'disaggregatedset.x-k8s.io/role': 'decode' },
      spec: { replicas: 5 },
    });
    const back = (replicas: number) => objectUpdate(set('External', 0), set('Static', replicas));
    assert.equal(await refusal(back(1), set('External', 0), scaler), null);
    assert.equal(await refusal(back(4), set('External', 0), scaler), null, 'nearer to the ratio than its scaler was');
    assert.match((await refusal(back(6), set('External', 0), scaler)) ?? '', /^pd-ratio: /);
    assert.match(
      (await refusal(back(0), set('External', 0), scaler)) ?? '',
      /^pd-both-or-none: .*; scale both to 0 in one update, or keep at least 1 replica of decode$/,
    );
  });

  describe('with a scaler for each of its roles', () => {
    const both = scaledBy(['prefill', 'External'], ['decode', 'External']);
    const scaler = (role: string, replicas: number) =>
      objectOf('disaggregatedset.x-k8s.io/v1', 'DisaggregatedSetRoleScaler', `chat-${role}`, {
        owner: both,
        labels: { 'disaggregatedset.x-k8s.io/role': role },
        spec: { replicas },
      });
    const lws = objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat-0-a1-decode', { owner: both });
    const starting = podObject('chat-0-a1-decode-0', {
      owner: lws,
      ready: false,
      labels: {
        'disaggregatedset.x-k8s.io/name': 'chat',
        'disaggregatedset.x-k8s.io/slice': '0',
        'disaggregatedset.x-k8s.io/role': 'decode',
        'leaderworkerset.sigs.k8s.io/name': 'chat-0-a1-decode',
        'leaderworkerset.sigs.k8s.io/group-index': '0',
      },
    });
    const ruled = async (body: object, ...around: readonly object[]) => {
      const index = fleetOfObjects(both, ...around);
      const response = objectAt(await webhook({ index }).validate(body), 'response');
      assert.equal(response.allowed, true);
      return listTexts(response, 'warnings').filter((warning) => /^[a-z-]+: role /.test(warning));
    };

    it('is warned of half a pair, and told what to scale next', async () => {
      assert.deepEqual(
        await ruled(objectScale(scaler('prefill', 1), 1, 0), scaler('prefill', 1), scaler('decode', 2)),
        [
          'pd-both-or-none: role prefill would have 0 replicas per group and role decode 2 replicas; ' +
            'scale DisaggregatedSetRoleScaler/llm/chat-decode to 0 as well',
        ],
      );
      assert.deepEqual(
        await ruled(objectScale(scaler('decode', 2), 2, 0), scaler('prefill', 0), scaler('decode', 2)),
        [],
      );
    });

    it('is warned of what stands in the way of a count, as any role is', async () => {
      const around = [scaler('prefill', 1), scaler('decode', 2), lws, starting];
      assert.deepEqual(await ruled(objectScale(scaler('decode', 2), 2, 1), ...around), [
        'reversal: role decode goes from 2 to 1 while 2 replicas of 2 are still on the way in; wait until that is done',
      ]);
    });
  });

  describe('with a scaler for one of its roles', () => {
    const set = (decode: number, ratio?: string) =>
      objectOf('disaggregatedset.x-k8s.io/v1', 'DisaggregatedSet', 'chat', {
        ...(ratio !== undefined && { annotations: { 'packdown.io/role-ratio': ratio } }),
        spec: {
          roles: [
            { name: 'prefill', scaling: { mode: 'External' }, spec: {} },
            { name: 'decode', spec: { replicas: decode } },
          ],
        },
      });
    const scaler = objectOf('disaggregatedset.x-k8s.io/v1', 'DisaggregatedSetRoleScaler', 'chat-prefill', {
      owner: set(4),
      labels: { 'disaggregatedset.x-k8s.io/role': 'prefill' },
      spec: { replicas: 2 },
    });
    const warned = async (from: KubernetesObject, to: KubernetesObject, ...around: readonly object[]) => {
      const response = objectAt(
        await webhook({ index: fleetOfObjects(from, ...around) }).validate(objectUpdate(from, to)),
        'response',
      );
      assert.equal(response.allowed, true);
      return listTexts(response, 'warnings').filter((warning) => /^(pd|packdown\.io)[^:]*[: ]/.test(warning));
    };

    it('is warned on the object as well of what its other role would be without', async () => {
      assert.deepEqual(await warned(set(4), set(0), scaler), [
        'pd-both-or-none: role decode would have 0 replicas per group and role prefill 2 replicas; ' +
          'scale DisaggregatedSetRoleScaler/llm/chat-prefill to 0 as well',
      ]);
      const ratio = 'prefill:decode=1:2..1:1';
      const warnings = await warned(set(4, ratio), set(5, ratio), scaler);
      assert.match(warnings.join(), /^pd-ratio: prefill:decode would be 2:5 per group/);
    });

    it('is warned of nothing that the update does not make worse, nor where there is no scaler', async () => {
      assert.deepEqual(await warned(set(4), set(3), scaler), []);
      assert.deepEqual(await warned(set(0), set(0), scaler), []);
      assert.deepEqual(await warned(set(4), set(0)), []);
    });
  });

  it('is refused another order of its roles, whoever counts them', async () => {
    const both = scaledBy(['prefill', 'External'], ['decode', 'External']);
    const reordered = scaledBy(['decode', 'External'], ['prefill', 'External']);
    assert.match((await refusal(objectUpdate(both, reordered), both)) ?? '', /^role-order: /);
  });

  it('is not said to roll when a scaler takes a role over', async () => {
    const own = scaledBy(['prefill', 'Static'], ['decode', 'Static']);
    const two = objectOf('disaggregatedset.x-k8s.io/v1', 'DisaggregatedSet', 'chat', {
      spec: {
        roles: [
          { name: 'prefill', scaling: { mode: 'External' }, spec: { replicas: 1 } },
          { name: 'decode', spec: { replicas: 2 } },
        ],
      },
    });
    const response = objectAt(
      await webhook({ index: fleetOfObjects(own) }).validate(objectUpdate(own, two)),
      'response',
    );
    assert.deepEqual([response.allowed, listTexts(response, 'warnings')], [true, []]);
  });

  const set = (prefill: number, decode: number) =>
    objectOf('disaggregatedset.x-k8s.io/v1', 'DisaggregatedSet', 'chat', {
      spec: {
        roles: [
          { name: 'prefill', spec: { replicas: prefill } },
          { name: 'decode', spec: { replicas: decode } },
        ],
      },
    });
  const lws = (replicas: number, role = 'decode', revision = 'a1', slice = '0') =>
    objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', `chat-${slice}-${revision}-${role}`, {
      owner: set(1, 2),
      labels: { 'disaggregatedset.x-k8s.io/role': role, 'disaggregatedset.x-k8s.io/slice': slice },
      spec: { replicas },
    });

  it('says nothing of its ratio where a LeaderWorkerSet of it is changed, nor at an update of labels', async () => {
    const annotations = { 'packdown.io/role-ratio': 'prefill:decode=1:4..1:1', 'packdown.io/ordering': 'nonsense' };
    const owner = { ...set(1, 2), metadata: { ...set(1, 2).metadata, annotations } };
    const says = async (body: object) => {
      const response = objectAt(await webhook({ index: fleetOfObjects(owner, lws(2)) }).validate(body), 'response');
      assert.equal(response.allowed, true);
      return listTexts(response, 'warnings');
    };
    const labelled = { ...owner, metadata: { ...owner.metadata, labels: { team: 'red' } } };
    assert.deepEqual(await says(objectUpdate(owner, labelled)), []);
    assert.match((await says(objectUpdate(set(1, 2), owner))).join(), /^packdown.io\/ordering holds nonsense/);
    assert.deepEqual(
      (await says(objectScale(lws(1), 1, 2))).filter((warning) => warning.includes('role-ratio')),
      [],
    );
  });

  it('is refused one side of prefill and decode at zero', async () => {
    assert.match((await refusal(objectUpdate(set(1, 2), set(0, 2)), set(1, 2))) ?? '', /^pd-both-or-none: /);
    assert.equal(await refusal(objectUpdate(set(1, 2), set(1, 1)), set(1, 2)), null);
  });

  it('has a LeaderWorkerSet that it owns scaled by itself only', async () => {
    assert.match(
      (await refusal(objectScale(lws(2), 2, 1), set(1, 2), lws(2))) ?? '',
      /^owned: .*DisaggregatedSet\/llm\/chat asks for 2/,
    );
    assert.equal(await refusal(objectScale(lws(1), 1, 2), set(1, 2), lws(1)), null);
  });

  it('may ask anything of it while it is rolled, which the other role and the other slice are not', async () => {
    const others = [lws(1, 'prefill'), lws(2, 'decode', 'b2', '1')];
    assert.match((await refusal(objectScale(lws(2), 2, 1), set(1, 2), lws(2), ...others)) ?? '', /^owned: /);
    assert.equal(await refusal(objectScale(lws(2), 2, 1), set(1, 2), lws(2), lws(1, 'decode', 'b2')), null);
    const given = lws(2, 'router');
    assert.equal(await refusal(objectScale(given, 2, 1), set(1, 2), given), null, 'of a role that it has given up');
  });

  it('has its own number carried out for a role that it counts again, while the scaler of before is still there', async () => {
    const scaler = objectOf('disaggregatedset.x-k8s.io/v1', 'DisaggregatedSetRoleScaler', 'chat-decode', {
      owner: set(1, 2),
      labels: { 'disaggregatedset.x-k8s.io/role': 'decode' },
      spec: { replicas: 4 },
    });
    assert.equal(await refusal(objectScale(lws(4), 4, 2), set(1, 2), scaler, lws(4)), null);
  });

  it('may ask anything of a LeaderWorkerSet from before there were slices while it is rolled, for that is of slice 0', async () => {
    const before = objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat-a1-decode', {
      owner: set(1, 2),
      labels: { 'disaggregatedset.x-k8s.io/role': 'decode' },
      spec: { replicas: 2 },
    });
    assert.match((await refusal(objectScale(before, 2, 1), set(1, 2), before)) ?? '', /^owned: /);
    for (const others of [[lws(1, 'decode', 'b2')], [lws(1, 'decode', 'b2'), lws(2, 'decode', 'b2', '1')]]) {
      assert.equal(await refusal(objectScale(before, 2, 1), set(1, 2), before, ...others), null);
    }
    assert.match(
      (await refusal(objectScale(before, 2, 1), set(1, 2), before, lws(2, 'decode', 'b2', '1'))) ?? '',
      /^owned: /,
    );
  });
});
