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
