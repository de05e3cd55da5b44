import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import { SILENCE_LIMIT } from '../../src/domain/fleet/silence.ts';
import { isObject, listTexts, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { fleetBut } from '../builders/fleet.ts';
import { fleetOfObjects, objectScale, objectUpdate } from '../builders/object-reviews.ts';
import { type KubernetesObject, objectOf, podObject } from '../builders/objects.ts';
import { pair } from '../workloads/stories/resource-scaling-group.ts';
import { configOf, refusal as refusalAmong, webhook } from './webhook.ts';

const LABEL = 'resourcescalinggroup.com/group';
const targets = [
  { name: 'prefill', kind: 'deployment', namespace: 'llm' },
  { name: 'decode', kind: 'StatefulSet', version: 'apps/v1', namespace: 'llm' },
];
const scaling = (replicas: number, list?: readonly string[], annotations = {}) =>
  objectOf('resourcescalinggroup.com/v1', 'ResourceScalingGroup', 'pair', {
    annotations,
    spec: {
      replicas,
      ...(list && { scalingGroupTask: { sortedGroupList: list } }),
      group: { groupID: 'group0', targetResources: targets },
    },
  });
const copy = (group: number, node: string, label = LABEL) =>
  pair(`-${group}`, { owner: scaling(3), labels: { [label]: `${group}` } }, node);
// On n2 another pod makes group 1 score higher than group 2, alone on n3.
const busy = podObject('busy', { node: 'n2' });
const fleet = [...pair(''), ...copy(1, 'n2'), ...copy(2, 'n3'), busy, scaling(3)];

async function mutated(body: object, objects: readonly object[] = fleet, config = configOf()) {
  const hook = webhook({ index: fleetOfObjects(...objects), config });
  const response = objectAt(await hook.mutate(body), 'response');
  assert.equal(response.allowed, true);
  assert.deepEqual(hook.unjudged, []);
  const patch: unknown = JSON.parse(Buffer.from(textOf(response.patch) ?? 'W10=', 'base64').toString());
  return { patch, warnings: listTexts(response, 'warnings') };
}

const refusal = (body: object, objects: readonly object[] = fleet) => refusalAmong(body, ...objects);

const filled = (list: readonly string[]) => [
  { op: 'add', path: '/spec/scalingGroupTask', value: { sortedGroupList: list } },
  { op: 'add', path: '/metadata/annotations', value: { 'packdown.io/list-owner': list.join(',') } },
];

describe('an update of a ResourceScalingGroup that lowers its replicas', () => {
  it('gets the groups with the lowest score first, and the user’s own resources last', async () => {
    assert.deepEqual(await mutated(objectUpdate(scaling(3), scaling(2))), {
      patch: filled(['group2', 'group1', 'group0']),
      warnings: [],
    });
  });

  it('names copies that are still ending before others: they count until they are gone', async () => {
    const ending = fleet.map((object) =>
      object.kind === 'Pod' && /^(prefill|decode)-1-/.test(object.metadata.name)
        ? { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-06-01T00:00:00Z' } }
        : object,
    );
    const { patch } = await mutated(objectUpdate(scaling(3), scaling(2)), ending);
    assert.deepEqual(patch, filled(['group1', 'group2', 'group0']));
  });

  it('may hold any list while the fleet is silent, and whoever asks is told', async () => {
    const [old, next] = [scaling(3, ['group2']), scaling(3, ['group9', 'group2'])];
    assert.match((await refusal(objectUpdate(old, next))) ?? '', /^scale-down-list: .* group9/);
    const wrap = (known: Fleet): Fleet => fleetBut(known, { staleness: () => null });
    const hook = webhook({ index: fleetOfObjects(...fleet), wrap });
    const response = objectAt(await hook.validate(objectUpdate(old, next)), 'response');
    const [notice, finding] = listTexts(response, 'warnings');
    assert.deepEqual([response.allowed, notice?.endsWith(': nothing is refused by what it says')], [true, true]);
    assert.match(finding ?? '', /^scale-down-list: .* group9/);
  });

  it('gets none by what a fleet says that is silent, and whoever asks is told', async () => {
    for (const staleness of [SILENCE_LIMIT + 1, null]) {
      const wrap = (known: Fleet): Fleet => fleetBut(known, { staleness: () => staleness });
      const hook = webhook({ index: fleetOfObjects(...fleet), wrap });
      const response = objectAt(await hook.mutate(objectUpdate(scaling(3), scaling(2))), 'response');
      assert.deepEqual([response.allowed, response.patch], [true, undefined]);
      assert.match(listTexts(response, 'warnings').join(), /: nothing was filled in by what it says$/);
    }
  });

  it('keeps a list of the user’s own', async () => {
    const list = ['group1', 'group2', 'group0'];
    assert.deepEqual((await mutated(objectUpdate(scaling(3, list), scaling(2, list)))).patch, []);
  });

  it('has a list that packdown filled in before made anew', async () => {
    const list = ['group3', 'group2', 'group1', 'group0'];
    const owned = { 'packdown.io/list-owner': list.join(',') };
    const { patch } = await mutated(objectUpdate(scaling(3, list, owned), scaling(2, list, owned)));
    assert.ok(Array.isArray(patch) && isObject(patch[0]));
    assert.deepEqual(patch[0], {
      op: 'add',
      path: '/spec/scalingGroupTask/sortedGroupList',
      value: ['group2', 'group1', 'group0'],
    });
  });

  it('has its list left alone, with a word, when no copy is found', async () => {
    const unlabelled = [...pair(''), ...copy(1, 'n2', 'other'), ...copy(2, 'n3', 'other'), scaling(3)];
    assert.deepEqual(await mutated(objectUpdate(scaling(3), scaling(2)), unlabelled), {
      patch: [],
      warnings: [
        `packdown: sortedGroupList of ResourceScalingGroup/llm/pair is left alone: 0 of its 2 copies are in the fleet by the label ${LABEL}`,
      ],
    });
  });

  it('finds its copies by the label that the configuration names', async () => {
    const labelled = [
      ...pair(''),
      ...copy(1, 'n2', 'example.com/copy'),
      ...copy(2, 'n3', 'example.com/copy'),
      busy,
      scaling(3),
    ];
    const config = configOf('resourceScalingGroup: {groupLabel: example.com/copy}');
    assert.deepEqual(
      (await mutated(objectUpdate(scaling(3), scaling(2)), labelled, config)).patch,
      filled(['group2', 'group1', 'group0']),
    );
  });

  for (const [title, body, config] of [
    ['a scale-up', objectUpdate(scaling(3), scaling(4)), configOf()],
    ['a creation', objectUpdate(scaling(3), scaling(3), { operation: 'CREATE', oldObject: null }), configOf()],
    ['an update of something else', objectUpdate(scaling(3), scaling(3)), configOf()],
    ['a change through /scale, which holds no list', objectScale(scaling(3), 3, 2), configOf()],
    ['observe mode', objectUpdate(scaling(3), scaling(2)), configOf('mode: observe')],
    ['a namespace that is exempt', objectUpdate(scaling(3), scaling(2)), configOf('exemptNamespaces: [llm]')],
  ] as const) {
    it(`stays as it is: ${title}`, async () => {
      assert.deepEqual(await mutated(body, fleet, config), { patch: [], warnings: [] });
    });
  }

  it('goes on with a warning when the review holds no object', async () => {
    const { patch, warnings } = await mutated(objectUpdate(scaling(3), scaling(2), { oldObject: null }));
    assert.deepEqual(
      [patch, warnings],
      [[], ['the review holds no object and oldObject to compare; allowed as it is']],
    );
  });

  it('then says what its list lets go', async () => {
    const list = ['group2', 'group1', 'group0'];
    const hook = webhook({ index: fleetOfObjects(...fleet) });
    const response = objectAt(await hook.validate(objectUpdate(scaling(3), scaling(2, list))), 'response');
    assert.deepEqual(listTexts(response, 'warnings'), ['packdown: group2 will go, which frees n3']);
  });

  it('through /scale is explained: nobody can fill in a list there', async () => {
    const hook = webhook({ index: fleetOfObjects(...fleet) });
    const response = objectAt(await hook.validate(objectScale(scaling(3), 3, 2)), 'response');
    assert.equal(response.allowed, true);
    assert.deepEqual(listTexts(response, 'warnings'), [
      'packdown: ResourceScalingGroup/llm/pair has no sortedGroupList, so its controller chooses; update the object and packdown fills it in, which through /scale nobody can',
    ]);
    assert.equal(response.auditAnnotations, undefined);
  });
});

describe('a sortedGroupList', () => {
  const update = (...list: readonly string[]) => objectUpdate(scaling(3), scaling(3, list));

  it('that names each group once and the user’s own last is let through', async () => {
    assert.equal(await refusal(update('group2', 'group1', 'group0')), null);
    assert.equal(await refusal(update('group1')), null);
  });

  it('is refused with group0 before the last place, an unknown group, or one twice', async () => {
    assert.match((await refusal(update('group0', 'group1'))) ?? '', /^scale-down-list: .* group0 in place 1 of 2/);
    assert.match((await refusal(update('group7'))) ?? '', /^scale-down-list: .* group7, which is no group of it/);
    assert.match((await refusal(update('group1', 'group1'))) ?? '', /^scale-down-list: .* group1 more than once/);
  });
});

describe('what a ResourceScalingGroup binds', () => {
  const scaled = (kind: string, name: string, owner?: KubernetesObject) =>
    objectOf('apps/v1', kind, name, { ...(owner && { owner }), spec: { replicas: 1 } });

  it('is refused a count of its own, the user’s resources and copies alike', async () => {
    for (const object of [
      scaled('Deployment', 'prefill'),
      scaled('StatefulSet', 'decode'),
      scaled('Deployment', 'prefill-1', scaling(3)),
    ]) {
      assert.match(
        (await refusal(objectScale(object, 1, 2))) ?? '',
        /^fixed-ratio-members: .* ResourceScalingGroup\/llm\/pair/,
      );
    }
  });

  it('is let through what a leader in place asks of it, and nothing else', async () => {
    const inPlace = objectOf('autoscaling.openfuyao.com/v1alpha1', 'ResourceScalingGroup', 'pair', {
      spec: {
        targetResources: targets,
        scalingStrategy: {
          type: 'InplaceScaling',
          leaderFollowerConfig: {
            leader: { name: 'prefill', replicas: 2 },
            follower: [{ name: 'decode', followRatio: 2 }],
          },
        },
      },
    });
    const objects = [...pair(''), inPlace];
    assert.equal(await refusal(objectScale(scaled('StatefulSet', 'decode'), 1, 4), objects), null);
    assert.match(
      (await refusal(objectScale(scaled('StatefulSet', 'decode'), 1, 9), objects)) ?? '',
      /^fixed-ratio-members: .*asks 4 of this one/,
    );
  });
});
