import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cleanUp } from '../../src/background/clean-up.ts';
import { listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { takeBackAt } from '../background/stage.ts';
import { fleetBut, NOW } from '../builders/fleet.ts';
import { fleetOfObjects, objectUpdate } from '../builders/object-reviews.ts';
import { roleBasedGroup, roleInstance, roleInstanceSet } from '../builders/rbg-objects.ts';
import { webhook } from './webhook.ts';

describe('RBG, whose RoleInstances carry costs,', () => {
  const set = (replicas: number, owner = roleBasedGroup(1, 3)) => roleInstanceSet(replicas, { owner });

  it('has the RoleInstance marked that frees a node, when its set is resized; the same review again writes nothing', async () => {
    const around = [...roleInstance('aa', 90, 'n1'), ...roleInstance('bb', 60, 'n2'), ...roleInstance('cc', 30, 'n1')];
    const index = fleetOfObjects(roleBasedGroup(1, 2), set(3), ...around);
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
    const index = fleetOfObjects(roleBasedGroup(1, 2), set(4), ...around);
    const hook = webhook({
      index,
      wrap: (fleet) =>
        fleetBut(fleet, {
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
    const index = fleetOfObjects(roleBasedGroup(1, 2), set(3), ...around);
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
    const index = fleetOfObjects(roleBasedGroup(1, 2), set(3), ...around);
    const hook = webhook({ index });
    await hook.validate(objectUpdate(set(3), set(2)));
    const { cleaned, left } = await cleanUp({ fleet: hook.fleet, now: hook.clock.now, wait: hook.clock.wait });
    assert.deepEqual([cleaned, left, index.instance('llm', 'bb')?.cost], [1, [], null]);
  });

  it('says what will go when the group is scaled, and leaves the writing to that moment', async () => {
    const index = fleetOfObjects(roleBasedGroup(1, 3), set(3), ...roleInstance('aa', 90, 'n1'));
    const response = objectAt(
      await webhook({ index }).validate(objectUpdate(roleBasedGroup(1, 3), roleBasedGroup(1, 2))),
      'response',
    );
    assert.deepEqual(response.auditAnnotations, {
      steering: 'its instances are chosen when its RoleInstanceSet is resized',
    });
    assert.equal(index.instance('llm', 'aa')?.cost, null);
  });
});
