import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adapters } from '../../src/workloads/registry.ts';
import { adapterContract } from './adapter-contract.ts';
import { stories as apps } from './stories/apps.ts';
import { stories as disaggregatedSets } from './stories/disaggregated-set.ts';
import { stories as grove } from './stories/grove.ts';
import { stories as kthena } from './stories/kthena.ts';
import { stories as lws } from './stories/lws.ts';
import { stories as rbg } from './stories/rbg.ts';
import { stories as scalingGroups } from './stories/resource-scaling-group.ts';

const stories = [...kthena, ...rbg, ...scalingGroups, ...lws, ...disaggregatedSets, ...grove, ...apps];

for (const story of stories) adapterContract(story);

test('every adapter has a story that holds it to the contract', () => {
  const told = new Set(stories.map(({ adapter }) => adapter));
  const untold = adapters.filter((adapter) => !told.has(adapter));
  assert.deepEqual(
    untold.map(({ kind, group }) => `${kind}.${group}`),
    [],
  );
});

/** What each controller reads when it picks what to delete, by the name of the test that shows it. */
const PICKS = [
  'Kthena ModelServing is steered by costs summed over a group',
  'ReplicaSet is steered by a cost per pod',
  'Deployment shows what its ReplicaSet will delete',
  'RBG stateless RoleInstanceSet is steered by a cost on the RoleInstance',
  'RBG stateful RoleInstanceSet loses its highest index, whatever it costs',
  'RBG RoleBasedGroupSet loses its highest index',
  'StatefulSet loses its highest ordinal',
  'LeaderWorkerSet loses its highest group index, ready or not',
  'LeaderWorkerSet under Kthena loses the group with the lowest sum of costs',
  'DisaggregatedSet loses its highest slice',
  'Grove PodCliqueSet loses its highest replica',
  'Grove PodClique loses what is not ready, then the newest',
  'ResourceScalingGroup loses what its sortedGroupList names first',
];

test('what every controller reads when it picks what to delete is shown by a test of that name', () => {
  const shown = new Set(stories.flatMap(({ scales }) => scales.map(({ name }) => name)));
  assert.deepEqual(
    PICKS.filter((name) => !shown.has(name)),
    [],
  );
  for (const { kind } of adapters) {
    const said = stories.filter(({ adapter }) => adapter.kind === kind).flatMap(({ scales }) => scales);
    assert.ok(
      said.some(({ name }) => name.includes(kind)),
      `no scale of ${kind} is told by its name`,
    );
  }
});
