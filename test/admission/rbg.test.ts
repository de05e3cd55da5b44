import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { fleetOfObjects, objectScale, objectUpdate } from '../builders/object-reviews.ts';
import { type KubernetesObject, objectOf } from '../builders/objects.ts';
import { RBG, roleBasedGroup, roleInstanceSet } from '../builders/rbg-objects.ts';
import { refusal, webhook } from './webhook.ts';

describe('RBG', () => {
  const adapter = (role: string, replicas: number) =>
    objectOf(RBG, 'RoleBasedGroupScalingAdapter', `chat-${role}`, {
      owner: roleBasedGroup(1, 3),
      isController: false,
      spec: { replicas, scaleTargetRef: { name: 'chat', role } },
    });
  const set = (replicas: number, owner = roleBasedGroup(1, 3)) => roleInstanceSet(replicas, { owner });

  it('is refused a role at zero that another depends on, on the object and through an adapter', async () => {
    const expected = /dependency-zero: .*prefill/;
    assert.match(
      (await refusal(objectUpdate(roleBasedGroup(1, 3), roleBasedGroup(0, 3)), roleBasedGroup(1, 3))) ?? '',
      expected,
    );
    const scaler = adapter('prefill', 1);
    assert.match((await refusal(objectScale(scaler, 1, 0), roleBasedGroup(1, 3), scaler)) ?? '', expected);
    assert.equal(await refusal(objectScale(scaler, 1, 2), roleBasedGroup(1, 3), scaler), null);
  });

  it('is looked at again once the watches had time, where adapters count its roles', async () => {
    const [prefill, decode] = [adapter('prefill', 1), adapter('decode', 3)];
    let waits = 0;
    const meanwhile = () => {
      waits += 1;
    };
    const index = fleetOfObjects(roleBasedGroup(1, 3), prefill, decode);
    const response = objectAt(await webhook({ index, meanwhile }).validate(objectScale(prefill, 1, 0)), 'response');
    assert.deepEqual([response.allowed, waits], [false, 1]);
  });

  it('may carry out what an adapter asks for, and nothing else once there is one', async () => {
    const scaler = adapter('decode', 20_000);
    assert.equal(
      await refusal(objectUpdate(roleBasedGroup(1, 3), roleBasedGroup(1, 20_000)), roleBasedGroup(1, 3), scaler),
      null,
    );
    assert.match(
      (await refusal(objectUpdate(roleBasedGroup(1, 3), roleBasedGroup(1, 2)), roleBasedGroup(1, 3), scaler)) ?? '',
      /^owned: .*RoleBasedGroupScalingAdapter\/llm\/chat-decode asks for 20000/,
    );
    assert.match(
      (await refusal(objectUpdate(roleBasedGroup(1, 3), roleBasedGroup(0, 20_000)), roleBasedGroup(1, 3), scaler)) ??
        '',
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
    const around = [roleBasedGroup(1, 3), bare('prefill'), bare('decode')];
    for (const [from, to] of [
      [bare('decode'), adapter('decode', 3)],
      [bare('prefill'), adapter('prefill', 1)],
      [roleBasedGroup(1, 3), roleBasedGroup(1, 4)],
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

  it('is asked by the adapter that RBG made where somebody has made another for the same role', async () => {
    const { metadata, ...rest } = adapter('decode', 3);
    const another = { ...rest, metadata: { ...metadata, name: 'autoscaled', uid: 'uid-of-another' } };
    for (const scalers of [
      [another, adapter('decode', 5)],
      [adapter('decode', 5), another],
    ]) {
      const [old, around] = [roleBasedGroup(1, 3), [roleBasedGroup(1, 3), ...scalers]];
      assert.equal(await refusal(objectUpdate(old, roleBasedGroup(1, 5)), ...around), null);
      assert.match(
        (await refusal(objectUpdate(old, roleBasedGroup(1, 2)), ...around)) ?? '',
        /^owned: .*RoleBasedGroupScalingAdapter\/llm\/chat-decode asks for 5/,
      );
    }
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

  it('has only the count of an adapter looked at whose role it has no more', async () => {
    const orphan = adapter('cache', 3);
    const [zero, many] = [0, 20_000].map((to) => refusal(objectScale(orphan, 3, to), roleBasedGroup(1, 3), orphan));
    assert.equal(await zero, null);
    assert.match((await many) ?? '', /^sane-counts: .* 20000/);
  });

  it('says of several adapters which one is to be scaled', async () => {
    const scalers = [adapter('prefill', 1), adapter('decode', 3)];
    assert.equal(
      await refusal(objectUpdate(roleBasedGroup(1, 3), roleBasedGroup(1, 2)), roleBasedGroup(1, 3), ...scalers),
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
        (await refusal(objectUpdate(roleBasedGroup(1, 3), roleBasedGroup(1, 0)), roleBasedGroup(1, 3), ...others)) ??
          '',
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
      const found = await refusal(
        objectUpdate(roleBasedGroup(1, 3), circle(asked)),
        roleBasedGroup(1, 3),
        adapter('decode', asked),
      );
      assert.match(found ?? '', /^dependency-graph: .*prefill → decode → prefill/);
    }
  });

  it('has a RoleInstanceSet scaled by its RoleBasedGroup only', async () => {
    assert.match(
      (await refusal(objectScale(set(3), 3, 2), roleBasedGroup(1, 3), set(3))) ?? '',
      /^owned: .*RoleBasedGroup\/llm\/chat asks for 3/,
    );
    assert.equal(await refusal(objectUpdate(set(3), set(2)), roleBasedGroup(1, 2), set(3)), null);
  });

  it('has a RoleInstanceSet that is asked for some taken to none by nobody', async () => {
    const group = roleBasedGroup(1, 3);
    assert.match((await refusal(objectScale(set(3), 3, 0), group, set(3))) ?? '', /^owned: .* asks for 3; scale /);
    const none = roleBasedGroup(1, 0);
    assert.equal(await refusal(objectScale(set(3, none), 3, 0), none, set(3, none)), null);
  });

  it('says of a RoleInstanceSet to scale the adapter of its role, for the group would be refused', async () => {
    const scaler = adapter('decode', 3);
    assert.match(
      (await refusal(objectScale(set(3), 3, 1), roleBasedGroup(1, 3), scaler, set(3))) ?? '',
      /; scale RoleBasedGroupScalingAdapter\/llm\/chat-decode instead$/,
    );
  });

  it('may carry out what an adapter asks for before the group says so, as RBG does from 0.8 on', async () => {
    for (const asked of [2, 4]) {
      const around = [roleBasedGroup(1, 3), set(3), adapter('prefill', 1)];
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

  it('has what goes told by each group of a set when that counts less of a role, and by the set when of itself', async () => {
    const fleet = (replicas: number, decode: number) =>
      objectOf(RBG, 'RoleBasedGroupSet', 'fleet', {
        spec: { replicas, groupTemplate: { spec: { roles: [{ name: 'decode', replicas: decode }] } } },
      });
    const groups = [0, 1].flatMap((index) => {
      const group = objectOf(RBG, 'RoleBasedGroup', `fleet-${index}`, {
        owner: fleet(2, 2),
        spec: { roles: [{ name: 'decode', replicas: 2 }] },
      });
      const instances = objectOf(RBG, 'RoleInstanceSet', `fleet-${index}-decode`, {
        owner: group,
        spec: { replicas: 2 },
      });
      return [group, instances];
    });
    const told = async (next: KubernetesObject) => {
      const { validate } = webhook({ index: fleetOfObjects(fleet(2, 2), ...groups) });
      return objectAt(await validate(objectUpdate(fleet(2, 2), next)), 'response', 'auditAnnotations');
    };
    assert.deepEqual(await told(fleet(2, 1)), { steering: 'its roles are scaled group by group' });
    assert.equal((await told(fleet(1, 2))).victims, 'fleet-1');
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
      (await refusal(
        objectUpdate(roleBasedGroup(1, 3, owner), roleBasedGroup(1, 2, owner)),
        owner,
        roleBasedGroup(1, 3, owner),
      )) ?? '',
      /^owned: .*RoleBasedGroupSet\/llm\/fleet asks for 3/,
    );
  });

  it('has the roles that its set counts kept, though another role has an adapter', async () => {
    const roles = [
      { name: 'prefill', replicas: 1 },
      { name: 'decode', replicas: 3 },
    ];
    const owner = objectOf(RBG, 'RoleBasedGroupSet', 'fleet', {
      spec: { replicas: 1, groupTemplate: { spec: { roles } } },
    });
    const group = (prefill: number, decode: number) => roleBasedGroup(prefill, decode, owner);
    const around = [owner, group(1, 3), adapter('decode', 5)];
    assert.match(
      (await refusal(objectUpdate(group(1, 3), group(4, 3)), ...around)) ?? '',
      /^owned: .*RoleBasedGroupSet\/llm\/fleet asks for 1/,
    );
    assert.equal(await refusal(objectUpdate(group(1, 3), group(1, 5)), ...around), null, 'what the adapter asks for');
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
    assert.equal(
      await refusal(objectUpdate(roleBasedGroup(1, 3, owner), given({ owner })), owner, roleBasedGroup(1, 3, owner)),
      null,
    );
    assert.match(
      (await refusal(objectUpdate(roleBasedGroup(1, 3), given()), roleBasedGroup(1, 3))) ?? '',
      /^pd-both-or-none: /,
    );
  });
});
