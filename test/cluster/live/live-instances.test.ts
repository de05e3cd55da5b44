import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetWrite } from '../../../src/domain/fleet/cost-write.ts';
import { objectAt } from '../../../src/workloads/core/json.ts';
import { objectOf } from '../../builders/objects.ts';
import { type Setup, withLiveFleet } from './start-live-fleet.ts';
import type { TestClock } from './test-clock.ts';
import { until } from './until.ts';

const INSTANCES = '/apis/workloads.x-k8s.io/v1alpha2/roleinstances';
const COST = 'controller.kubernetes.io/instance-deletion-cost';
const instance = (annotations: Readonly<Record<string, string>>) =>
  objectOf('workloads.x-k8s.io/v1alpha2', 'RoleInstance', 'aa', { annotations });

/** A fleet that has found RoleInstances served, with one of these annotations. */
function withInstance(
  annotations: Readonly<Record<string, string>>,
  body: (setup: Setup<TestClock>, write: (to: string) => FleetWrite) => Promise<void>,
): Promise<void> {
  return withLiveFleet([], async (setup) => {
    const { server, fleet, clock } = setup;
    server.serve(INSTANCES);
    server.put(INSTANCES, instance(annotations));
    clock.advance(30_000);
    await until('the instance is read', () => fleet.snapshot().instance('llm', 'aa') !== undefined);
    await until('instances are watched', () => server.watching(INSTANCES) === 1);
    await body(setup, (to) => {
      const pod = fleet.snapshot().instance('llm', 'aa');
      assert.ok(pod);
      return { carrier: pod, to, victim: 'aa' };
    });
  });
}

test('a cost is written to a RoleInstance, with its owner record and its mark', () =>
  withInstance({ team: 'blue' }, async ({ server, fleet, clock }, write) => {
    assert.deepEqual(await fleet.write([write('-1000')], clock.now() + 800), ['written']);
    const annotations = objectAt(server.get(INSTANCES, 'llm', 'aa'), 'metadata', 'annotations');
    assert.deepEqual(annotations, {
      team: 'blue',
      [COST]: '-1000',
      'packdown.io/cost-owner': '-1000',
      'packdown.io/victim': `aa@${new Date(clock.now()).toISOString()}`,
    });
    assert.equal(fleet.snapshot().instance('llm', 'aa')?.cost, '-1000');
    assert.deepEqual(await fleet.write([write('-1000')], clock.now() + 800), ['unchanged']);
  }));

test('a RoleInstance without annotations gets its first ones', () =>
  withInstance({}, async ({ server, fleet, clock }, write) => {
    assert.deepEqual(await fleet.write([write('-1000')], clock.now() + 800), ['written']);
    assert.equal(objectAt(server.get(INSTANCES, 'llm', 'aa'), 'metadata', 'annotations')[COST], '-1000');
  }));

test('a cost of somebody else on a RoleInstance is never written over', () =>
  withInstance({ [COST]: '7' }, async ({ server, fleet, clock }, write) => {
    assert.deepEqual(await fleet.write([write('-1000')], clock.now() + 800), ['stale']);
    assert.equal(objectAt(server.get(INSTANCES, 'llm', 'aa'), 'metadata', 'annotations')[COST], '7');
  }));

test('a RoleInstance that has changed since the plan is not written', () =>
  withInstance({ team: 'blue' }, async ({ server, fleet, clock }, write) => {
    const planned = write('-1000');
    server.put(INSTANCES, instance({ team: 'blue', [COST]: '7' }));
    await until('the change is seen', () => fleet.snapshot().instance('llm', 'aa')?.cost === '7');
    assert.deepEqual(await fleet.write([planned], clock.now() + 800), ['stale']);
  }));
