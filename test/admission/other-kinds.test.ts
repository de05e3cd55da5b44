import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cleanUp } from '../../src/background/clean-up.ts';
import { listTexts, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { takeBackAt } from '../background/stage.ts';
import { NOW } from '../builders/fleet.ts';
import { fleetOfObjects, objectScale, objectUpdate } from '../builders/object-reviews.ts';
import { type KubernetesObject, objectOf, podObject } from '../builders/objects.ts';
import { RBG, roleInstance, roleInstanceSet } from '../builders/rbg-objects.ts';
import { bindingReview } from '../builders/review.ts';
import { webhook } from './webhook.ts';

/** Why a review is refused, null when it is not. */
async function refusal(body: object, ...fleet: readonly object[]): Promise<string | null> {
  const hook = webhook({ index: fleetOfObjects(...fleet) });
  const response = objectAt(await hook.validate(body), 'response');
  assert.deepEqual(hook.unjudged, []);
  return textOf(objectAt(response, 'status').message);
}

describe('Grove', () => {
  const set = objectOf('grove.io/v1alpha1', 'PodCliqueSet', 'chat', {
    spec: { replicas: 1, template: { cliques: [] } },
  });
  const clique = objectOf('grove.io/v1alpha1', 'PodClique', 'chat-0-decode', {
    owner: set,
    spec: { replicas: 4, minAvailable: 2 },
  });
  const scalingGroup = objectOf('grove.io/v1alpha1', 'PodCliqueScalingGroup', 'chat-0-workers', {
    owner: set,
    spec: { replicas: 4, minAvailable: 3 },
  });

  it('is refused less than minAvailable on /scale, which nothing else guards', async () => {
    assert.match((await refusal(objectScale(clique, 4, 1), set, clique)) ?? '', /^gang-floor: .* its gang needs 2/);
    assert.match(
      (await refusal(objectScale(scalingGroup, 4, 2), set, scalingGroup)) ?? '',
      /^gang-floor: .* its gang needs 3/,
    );
  });

  it('may be scaled down to minAvailable, whatever its set was created with', async () => {
    assert.equal(await refusal(objectScale(clique, 4, 2), set, clique), null);
    assert.equal(await refusal(objectScale(scalingGroup, 4, 3), set, scalingGroup), null);
  });

  it('is not said to lose what it has when its set counts less of a role, for that is only created by it', async () => {
    const counting = (replicas: number) =>
      objectOf('grove.io/v1alpha1', 'PodCliqueSet', 'chat', {
        spec: { replicas: 1, template: { cliques: [{ name: 'decode', spec: { replicas, minAvailable: 1 } }] } },
      });
    const pods = ['a', 'b', 'c', 'd'].map((name) => podObject(`chat-0-decode-${name}`, { owner: clique }));
    const { validate } = webhook({ index: fleetOfObjects(counting(4), clique, ...pods) });
    const response = objectAt(await validate(objectUpdate(counting(4), counting(2))), 'response');
    assert.deepEqual([response.allowed, listTexts(response, 'warnings')], [true, []]);
    assert.deepEqual(response.auditAnnotations, {
      steering: 'existing PodCliques and PodCliqueScalingGroups keep their counts; scale them instead',
    });
  });

  it('has its pods left alone when they are bound', async () => {
    const pod = podObject('chat-0-decode-a', { owner: clique });
    const hook = webhook({ index: fleetOfObjects(set, clique, pod) });
    const response = objectAt(await hook.mutate(bindingReview(pod.metadata, 'n1')), 'response');
    assert.deepEqual([response.allowed, response.patch], [true, undefined]);
  });
});

describe('LeaderWorkerSet', () => {
  const lws = (replicas: number, partition = 0) =>
    objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat', {
      spec: {
        replicas,
        rolloutStrategy: { rollingUpdateConfiguration: { partition } },
        leaderWorkerTemplate: { size: 2 },
      },
    });

  it('is refused fewer groups than its partition protects, which its own webhook lets through', async () => {
    assert.match((await refusal(objectScale(lws(4, 3), 4, 2), lws(4, 3))) ?? '', /^partition-floor: /);
    assert.equal(await refusal(objectScale(lws(4, 3), 4, 3), lws(4, 3)), null);
  });

  const owned = (kind: string, apiVersion: string, replicas: number, owner = lws(3)) =>
    objectOf(apiVersion, kind, 'chat', { owner, spec: { replicas, template: { roles: [] } } });

  it('has its own number let through where Kthena or its StatefulSet carries it out, and no other', async () => {
    for (const [kind, api] of [
      ['ModelServing', 'workload.serving.volcano.sh/v1alpha1'],
      ['StatefulSet', 'apps/v1'],
    ] as const) {
      const update = (to: number) => objectUpdate(owned(kind, api, 4), owned(kind, api, to));
      assert.equal(await refusal(update(3), lws(3), owned(kind, api, 4)), null, kind);
      assert.match(
        (await refusal(update(1), lws(3), owned(kind, api, 4))) ?? '',
        /^owned: .* LeaderWorkerSet\/llm\/chat asks for 3/,
        kind,
      );
    }
  });

  it('may ask more of its StatefulSet in a rollout with maxSurge', async () => {
    const surging = objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat', {
      spec: { replicas: 3, rolloutStrategy: { rollingUpdateConfiguration: { maxSurge: '50%' } } },
    });
    const leaders = (replicas: number) => owned('StatefulSet', 'apps/v1', replicas, surging);
    assert.equal(await refusal(objectUpdate(leaders(3), leaders(5)), surging, leaders(3)), null);
  });
});

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

describe('RBG', () => {
  const group = (prefill: number, decode: number, owner?: KubernetesObject) =>
    objectOf(RBG, 'RoleBasedGroup', 'chat', {
      ...(owner && { owner }),
      spec: {
        roles: [
          { name: 'prefill', replicas: prefill },
          { name: 'decode', replicas: decode, dependencies: ['prefill'] },
        ],
      },
    });
  const adapter = (role: string, replicas: number) =>
    objectOf(RBG, 'RoleBasedGroupScalingAdapter', `chat-${role}`, {
      owner: group(1, 3),
      isController: false,
      spec: { replicas, scaleTargetRef: { name: 'chat', role } },
    });
  const set = (replicas: number, owner = group(1, 3)) => roleInstanceSet(replicas, { owner });

  it('is refused a role at zero that another depends on, on the object and through an adapter', async () => {
    const expected = /dependency-zero: .*prefill/;
    assert.match((await refusal(objectUpdate(group(1, 3), group(0, 3)), group(1, 3))) ?? '', expected);
    const scaler = adapter('prefill', 1);
    assert.match((await refusal(objectScale(scaler, 1, 0), group(1, 3), scaler)) ?? '', expected);
    assert.equal(await refusal(objectScale(scaler, 1, 2), group(1, 3), scaler), null);
  });

  it('may carry out what an adapter asks for, and nothing else once there is one', async () => {
    const scaler = adapter('decode', 20_000);
    assert.equal(await refusal(objectUpdate(group(1, 3), group(1, 20_000)), group(1, 3), scaler), null);
    assert.match(
      (await refusal(objectUpdate(group(1, 3), group(1, 2)), group(1, 3), scaler)) ?? '',
      /^owned: .*RoleBasedGroupScalingAdapter\/llm\/chat-decode asks for 20000/,
    );
    assert.match(
      (await refusal(objectUpdate(group(1, 3), group(0, 20_000)), group(1, 3), scaler)) ?? '',
      /dependency-zero/,
      'what the adapter asks for excuses no other role',
    );
  });

  it('may have its roles in any order, by itself and in a set, for none of them rolls for it', async () => {
    const [prefill, decode] = ['prefill', 'decode'].map((name) => ({ name, replicas: 1 }));
    const router = { name: 'router', replicas: 1 };
    const ofRoles = (...roles: readonly unknown[]) => [
      objectOf(RBG, 'RoleBasedGroup', 'chat', { spec: { roles } }),
      objectOf(RBG, 'RoleBasedGroupSet', 'fleet', {
        spec: { replicas: 2, groupTemplate: { spec: { roles } } },
      }),
    ];
    const before = ofRoles(prefill, decode);
    for (const after of [ofRoles(decode, prefill), ofRoles(router, prefill, decode), ofRoles(decode)]) {
      for (const [index, old] of before.entries()) {
        const next = after[index] ?? old;
        assert.notEqual(next, old);
        assert.equal(await refusal(objectUpdate(old, next), old), null);
      }
    }
  });

  it('is asked for nothing by an adapter that has no count yet, and has it given that of its role', async () => {
    const bare = (role: string) => {
      const { spec, ...rest } = adapter(role, 0);
      return { ...rest, spec: { scaleTargetRef: objectAt(spec, 'scaleTargetRef') } };
    };
    const around = [group(1, 3), bare('prefill'), bare('decode')];
    for (const [from, to] of [
      [bare('decode'), adapter('decode', 3)],
      [bare('prefill'), adapter('prefill', 1)],
      [group(1, 3), group(1, 4)],
    ] as const) {
      const response = objectAt(
        await webhook({ index: fleetOfObjects(...around) }).validate(objectUpdate(from, to)),
        'response',
      );
      assert.deepEqual([response.allowed, listTexts(response, 'warnings')], [true, []]);
    }
    const zero = objectScale(adapter('prefill', 1), 1, 0);
    assert.match((await refusal(zero, ...around)) ?? '', /dependency-zero: /, 'the fleet does not show its count yet');
  });

  it('may take a role back from its adapter and count it itself in one update, as its own webhook lets it', async () => {
    const leftTo = (isLeft: boolean, decode: number) =>
      objectOf(RBG, 'RoleBasedGroup', 'chat', {
        spec: { roles: [{ name: 'decode', replicas: decode, ...(isLeft && { scalingAdapter: { enable: true } }) }] },
      });
    const scaler = adapter('decode', 4);
    assert.equal(await refusal(objectUpdate(leftTo(true, 4), leftTo(false, 2)), leftTo(true, 4), scaler), null);
    for (const wasLeft of [true, false]) {
      const update = objectUpdate(leftTo(wasLeft, 4), leftTo(wasLeft, 2));
      assert.match((await refusal(update, leftTo(wasLeft, 4), scaler)) ?? '', /^owned: .* asks for 4/);
    }
  });

  it('says of several adapters which one is to be scaled', async () => {
    const scalers = [adapter('prefill', 1), adapter('decode', 3)];
    assert.equal(
      await refusal(objectUpdate(group(1, 3), group(1, 2)), group(1, 3), ...scalers),
      'owned: role decode goes from 3 to 2, but RoleBasedGroupScalingAdapter/llm/chat-decode asks for 3; ' +
        'scale RoleBasedGroupScalingAdapter/llm/chat-decode instead',
    );
  });

  it('is only warned of half a pair through adapters, for no single update changes both roles, and may get there', async () => {
    const pair = (prefill: number, decode: number) =>
      objectOf(RBG, 'RoleBasedGroup', 'chat', {
        spec: {
          roles: [
            { name: 'prefill', replicas: prefill },
            { name: 'decode', replicas: decode },
          ],
        },
      });
    const warnings = async (body: object, ...fleet: readonly object[]) => {
      const response = objectAt(await webhook({ index: fleetOfObjects(...fleet) }).validate(body), 'response');
      assert.equal(response.allowed, true);
      return listTexts(response, 'warnings');
    };
    const [none, one] = [adapter('prefill', 0), adapter('prefill', 1)];
    assert.deepEqual(await warnings(objectScale(none, 0, 1), pair(0, 0), none, adapter('decode', 0)), [
      'pd-both-or-none: role decode would have 0 replicas per group and role prefill 1 replica; ' +
        'scale RoleBasedGroupScalingAdapter/llm/chat-decode to 1 or more as well',
    ]);
    assert.deepEqual(
      await warnings(objectScale(adapter('decode', 0), 0, 2), pair(0, 0), one, adapter('decode', 0)),
      [],
    );
    assert.deepEqual(await warnings(objectScale(one, 1, 0), pair(1, 2), one, adapter('decode', 2)), [
      'pd-both-or-none: role prefill would have 0 replicas per group and role decode 2 replicas; ' +
        'scale RoleBasedGroupScalingAdapter/llm/chat-decode to 0 as well',
    ]);
  });

  it('is refused half a pair where one update changes both roles, and where another role has an adapter', async () => {
    for (const others of [[], [adapter('router', 1)]]) {
      assert.match(
        (await refusal(objectUpdate(group(1, 3), group(1, 0)), group(1, 3), ...others)) ?? '',
        /^pd-both-or-none: .*; scale both to 0 in one update/,
      );
    }
  });

  it('is held to the other rules as before once one of its roles has an adapter', async () => {
    const circle = (asked: number) =>
      objectOf(RBG, 'RoleBasedGroup', 'chat', {
        spec: {
          roles: [
            { name: 'prefill', replicas: 1, dependencies: ['decode'] },
            { name: 'decode', replicas: asked, dependencies: ['prefill'] },
          ],
        },
      });
    for (const asked of [3, 4]) {
      const found = await refusal(objectUpdate(group(1, 3), circle(asked)), group(1, 3), adapter('decode', asked));
      assert.match(found ?? '', /^dependency-graph: .*prefill → decode → prefill/);
    }
  });

  it('has a RoleInstanceSet scaled by its RoleBasedGroup only', async () => {
    assert.match(
      (await refusal(objectScale(set(3), 3, 2), group(1, 3), set(3))) ?? '',
      /^owned: .*RoleBasedGroup\/llm\/chat asks for 3/,
    );
    assert.equal(await refusal(objectUpdate(set(3), set(2)), group(1, 2), set(3)), null);
  });

  it('may carry out what an adapter asks for before the group says so, as RBG does from 0.8 on', async () => {
    for (const asked of [2, 4]) {
      const around = [group(1, 3), set(3), adapter('prefill', 1)];
      assert.equal(await refusal(objectUpdate(set(3), set(asked)), ...around, adapter('decode', asked)), null);
      assert.match(
        (await refusal(objectUpdate(set(3), set(asked)), ...around, adapter('decode', 3))) ?? '',
        /^owned: /,
      );
    }
  });

  it('may add to the StatefulSet of a role what its rollout may, and to none of a role that may not', async () => {
    const owner = (maxSurge: unknown) =>
      objectOf(RBG, 'RoleBasedGroup', 'chat', {
        spec: { roles: [{ name: 'decode', replicas: 3, rolloutStrategy: { rollingUpdate: { maxSurge } } }] },
      });
    const carrier = (kind: string, api: string, replicas: number, maxSurge: unknown) =>
      objectOf(api, kind, 'chat-decode', { owner: owner(maxSurge), spec: { replicas } });
    const grows = (kind: string, api: string, maxSurge: unknown) => {
      const [old, next] = [carrier(kind, api, 3, maxSurge), carrier(kind, api, 4, maxSurge)];
      return refusal(objectUpdate(old, next), owner(maxSurge), old);
    };
    for (const maxSurge of [1, '25%']) assert.equal(await grows('StatefulSet', 'apps/v1', maxSurge), null);
    for (const maxSurge of [0, '0%', undefined]) {
      assert.match((await grows('StatefulSet', 'apps/v1', maxSurge)) ?? '', /^owned: .* asks for 3/);
    }
    assert.match((await grows('RoleInstanceSet', RBG, 1)) ?? '', /^owned: .* asks for 3/, 'surges without being told');
  });

  it('has a RoleInstanceSet found whose name is cut because it would be too long', async () => {
    const name = 'c'.repeat(55);
    const owner = objectOf(RBG, 'RoleBasedGroup', name, { spec: { roles: [{ name: 'decode-a', replicas: 3 }] } });
    const cut = objectOf(RBG, 'RoleInstanceSet', `${name}-decode`, { owner, spec: { replicas: 3 } });
    assert.match((await refusal(objectScale(cut, 3, 2), owner, cut)) ?? '', /^owned: .* asks for 3/);
  });

  it('has a RoleBasedGroup of a set edited by its set only', async () => {
    const owner = objectOf(RBG, 'RoleBasedGroupSet', 'fleet', {
      spec: {
        replicas: 1,
        groupTemplate: {
          spec: {
            roles: [
              { name: 'prefill', replicas: 1 },
              { name: 'decode', replicas: 3 },
            ],
          },
        },
      },
    });
    assert.match(
      (await refusal(objectUpdate(group(1, 3, owner), group(1, 2, owner)), owner, group(1, 3, owner))) ?? '',
      /^owned: .*RoleBasedGroupSet\/llm\/fleet asks for 3/,
    );
  });

  it('gets the roles of its set as they are, which were judged there', async () => {
    const roles = [
      { name: 'prefill', replicas: 0, dependencies: ['cache'] },
      { name: 'decode', replicas: 3, dependencies: ['prefill'] },
    ];
    const owner = objectOf(RBG, 'RoleBasedGroupSet', 'fleet', {
      spec: { replicas: 1, groupTemplate: { spec: { roles } } },
    });
    const given = (fields: object = {}) => objectOf(RBG, 'RoleBasedGroup', 'chat', { ...fields, spec: { roles } });
    assert.equal(await refusal(objectUpdate(group(1, 3, owner), given({ owner })), owner, group(1, 3, owner)), null);
    assert.match((await refusal(objectUpdate(group(1, 3), given()), group(1, 3))) ?? '', /^pd-both-or-none: /);
  });

  it('has the RoleInstance marked that frees a node, when its set is resized; the same review again writes nothing', async () => {
    const around = [...roleInstance('aa', 90, 'n1'), ...roleInstance('bb', 60, 'n2'), ...roleInstance('cc', 30, 'n1')];
    const index = fleetOfObjects(group(1, 2), set(3), ...around);
    const hook = webhook({ index });
    const body = objectUpdate(set(3), set(2));
    const response = objectAt(await hook.validate(body), 'response');
    assert.deepEqual(listTexts(response, 'warnings'), ['packdown: bb will go, which frees n2']);
    const marked = index.instance('llm', 'bb');
    assert.deepEqual([marked?.cost, marked?.costOwner, marked?.victim?.unit], ['-1000', '-1000', 'bb']);
    const { version } = index;
    await hook.validate(body);
    assert.equal(index.version, version);
  });

  it('has the instances named that really go where not all costs could be written', async () => {
    const places = { aa: 'n1', bb: 'n2', cc: 'n3', dd: 'n3' };
    const around = Object.entries(places).flatMap(([name, node], order) => roleInstance(name, 90 - order, node));
    const index = fleetOfObjects(group(1, 2), set(4), ...around);
    const hook = webhook({
      index,
      wrap: (fleet) => ({
        snapshot: () => fleet.snapshot(),
        staleness: () => fleet.staleness(),
        write: async (stages, deadline) => [...(await fleet.write([stages.flat().slice(0, 1)], deadline)), 'failed'],
      }),
    });
    const response = objectAt(await hook.validate(objectUpdate(set(4), set(2))), 'response');
    assert.deepEqual(listTexts(response, 'warnings'), [
      'packdown: bb, dd will go, which frees n2',
      'packdown: 1 of 2 costs could not be written: others may go instead',
    ]);
    assert.deepEqual([index.instance('llm', 'bb')?.cost, index.instance('llm', 'aa')?.cost], ['-1000', null]);
  });

  it('has a mark on a RoleInstance that led nowhere taken back whole, but not while its set is to lose one', async () => {
    const around = [...roleInstance('aa', 90, 'n1'), ...roleInstance('bb', 60, 'n2'), ...roleInstance('cc', 30, 'n1')];
    const index = fleetOfObjects(group(1, 2), set(3), ...around);
    const hook = webhook({ index });
    await hook.validate(objectUpdate(set(3), set(2)));
    const show = (replicas: number) => {
      const known = [...index.workloads()].find(({ name }) => name === 'chat-decode');
      assert.ok(known);
      index.putWorkload({ ...known, replicas });
    };
    const later = NOW + 300_000;
    show(2);
    assert.equal(await takeBackAt(later, hook.fleet, hook.config), 0);
    show(3);
    assert.equal(await takeBackAt(later, hook.fleet, hook.config), 1);
    const { cost, costOwner, victim } = index.instance('llm', 'bb') ?? {};
    assert.deepEqual([cost, costOwner, victim], [null, null, null]);
  });

  it('has everything of packdown taken off its RoleInstances when packdown is removed', async () => {
    const around = [...roleInstance('aa', 90, 'n1'), ...roleInstance('bb', 60, 'n2'), ...roleInstance('cc', 30, 'n1')];
    const index = fleetOfObjects(group(1, 2), set(3), ...around);
    const hook = webhook({ index });
    await hook.validate(objectUpdate(set(3), set(2)));
    const { cleaned, left } = await cleanUp({ fleet: hook.fleet, now: hook.clock.now, wait: hook.clock.wait });
    assert.deepEqual([cleaned, left, index.instance('llm', 'bb')?.cost], [1, [], null]);
  });

  it('says what will go when the group is scaled, and leaves the writing to that moment', async () => {
    const index = fleetOfObjects(group(1, 3), set(3), ...roleInstance('aa', 90, 'n1'));
    const response = objectAt(await webhook({ index }).validate(objectUpdate(group(1, 3), group(1, 2))), 'response');
    assert.deepEqual(response.auditAnnotations, {
      steering: 'its instances are chosen when its RoleInstanceSet is resized',
    });
    assert.equal(index.instance('llm', 'aa')?.cost, null);
  });
});
