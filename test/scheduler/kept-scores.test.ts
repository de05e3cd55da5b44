import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { binpackWeights, defaultConfig } from '../../src/config/config.ts';
import { parseResources } from '../../src/domain/resources/resource-list.ts';
import { KeptScores } from '../../src/scheduler/kept-scores.ts';
import { prioritize } from '../../src/scheduler/prioritize.ts';
import { fleetOf, nodeOf, podOf } from '../builders/fleet.ts';
import { byName, pendingPod, scoresOf } from './extender-bodies.ts';

const weights = binpackWeights(defaultConfig);

describe('scores that are kept from one call to the next', () => {
  it('are the ones that a call of its own would give, whatever has happened to a node in between', () => {
    const fleet = fleetOf([podOf('first', { node: 'n1' })], [], [nodeOf('n1'), nodeOf('n2')]);
    const kept = new KeptScores(weights);
    const events: readonly (() => void)[] = [
      () => undefined,
      () => fleet.putPod(podOf('second', { node: 'n1' })),
      () => fleet.putPod(podOf('second', { node: 'n2' })),
      () => fleet.putPod(podOf('first', { node: 'n1', phase: 'Succeeded' })),
      () => fleet.deletePod('default', 'second'),
      () =>
        fleet.putNode({
          ...nodeOf('n2'),
          allocatable: new Map([...nodeOf('n2').allocatable, ['cpu', 16_000_000_000n]]),
        }),
      () => fleet.deleteNode('n1'),
    ];
    for (const [index, event] of events.entries()) {
      event();
      for (const requests of [{ cpu: '8' }, { cpu: '16', 'nvidia.com/gpu': '4' }]) {
        const body = byName(['n1', 'n2'], pendingPod(requests));
        const preferences = { binpack: 1, locality: 1, stranding: 0, targetSet: [] };
        assert.deepEqual(
          scoresOf(prioritize(body, fleet, preferences, kept)),
          scoresOf(prioritize(body, fleet, preferences, new KeptScores(weights))),
          `after event ${index}`,
        );
      }
    }
  });

  it('are the same whatever else pods request: what has no weight is not even kept in mind', () => {
    const { nodeTable } = fleetOf([], [], [nodeOf('n1')]);
    const kept = new KeptScores(weights);
    const scoresFor = (requests: Readonly<Record<string, string>>) => kept.of(parseResources(requests), nodeTable);
    const scores = scoresFor({ cpu: '8', 'nvidia.com/gpu': '1' });
    assert.equal(scoresFor({ 'nvidia.com/gpu': '1', 'ephemeral-storage': '1Gi', cpu: '8000m', memory: '0' }), scores);
    assert.notEqual(scoresFor({ cpu: '8', 'nvidia.com/gpu': '2' }), scores);
  });

  it('are those of 32 shapes, of which the one that was asked for least recently makes room for another', () => {
    const { nodeTable } = fleetOf([], [], [nodeOf('n1')]);
    const kept = new KeptScores(weights);
    const scoresFor = (cpus: number) => kept.of(parseResources({ cpu: cpus }), nodeTable);
    const [oldest, next] = [scoresFor(1), scoresFor(2)];
    for (let cpus = 3; cpus <= 32; cpus += 1) scoresFor(cpus);
    assert.equal(scoresFor(1), oldest);
    scoresFor(33);
    assert.equal(scoresFor(1), oldest);
    assert.notEqual(scoresFor(2), next);
  });
});
