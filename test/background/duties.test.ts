import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dutiesOf } from '../../src/background/duties.ts';
import { MemoryLows } from '../../src/cluster/embedded/memory-lows.ts';
import { MemoryTargetSet } from '../../src/cluster/embedded/memory-target-set.ts';
import { appsPod, fleetOf } from '../builders/fleet.ts';
import { deployment } from '../builders/workload.ts';
import { findTargets } from './forecast-story.ts';
import { stageOf } from './stage.ts';

const web = deployment(2, { kind: 'ReplicaSet', uid: 'uid-of-web' });

/** The pods that the leader writes to in one run of all that it does, where they are older than packdown. */
async function writtenWith(text: string): Promise<number> {
  const pods = ['a', 'b'].map((name) => appsPod(web, name));
  const { fleet, config, now, pace, writes } = stageOf(fleetOf(pods, [web]), { config: text });
  const [targetSet, lows] = [new MemoryTargetSet(), new MemoryLows()];
  for (const duty of dutiesOf({ fleet, config, now, targetSet, lows, findTargets })) await duty.run(pace);
  return writes.length;
}

test('pods that are older than packdown are given a cost where `background` asks for it, and nowhere else', async () => {
  assert.deepEqual(
    [await writtenWith('background: true'), await writtenWith('background: false'), await writtenWith('')],
    [2, 0, 0],
  );
});
