import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Steering } from '../../../src/admission/steering.ts';
import { FleetIndex } from '../../../src/cluster/fleet-index.ts';
import { VICTIM } from '../../../src/domain/fleet/annotations.ts';
import type { Workload } from '../../../src/domain/fleet/workload.ts';
import { isObject, objectAt, textOf } from '../../../src/workloads/core/json.ts';
import { configOf } from '../../admission/webhook.ts';
import { planOf, scaleTo, servingGroup } from '../../builders/fleet.ts';
import { podObjectOf } from '../../builders/pod-object.ts';
import { objectOf } from '../../builders/review.ts';
import { serving } from '../../builders/workload.ts';
import { ApiServerDouble } from './api-server-double.ts';
import { liveFleet, PODS } from './start-live-fleet.ts';
import { TestClock } from './test-clock.ts';

const SERVINGS = '/apis/workload.serving.volcano.sh/v1alpha1/modelservings';
const workloads = Array.from({ length: 10 }, (_, index) =>
  serving(6, { prefill: 1, decode: 1 }, { name: `w${index}`, uid: `uid-of-w${index}` }),
);
const pods = workloads.flatMap((workload, place) =>
  Array.from({ length: workload.replicas }, (_, group) =>
    servingGroup(workload, group, ({ role }) => ({
      node: `n${(place + 3 * group + (role === 'decode' ? 1 : 0)) % 12}`,
    })),
  ).flat(),
);

test('ten workloads that shrink at the same instant lose what was announced, and no pod is written twice', async (t) => {
  const server = await ApiServerDouble.start();
  server.serve(SERVINGS);
  for (const workload of workloads) {
    const object = objectOf(workload);
    assert.ok(isObject(object));
    server.put(SERVINGS, object);
  }
  for (const pod of pods) server.put(PODS, podObjectOf(pod));
  const api = server.client();
  const clock = new TestClock();
  const { fleet } = liveFleet(api, clock);
  t.after(async () => {
    await fleet.stop();
    await api.close();
    await server.close();
  });
  await fleet.start();

  const config = configOf('steering: {settle: 0ms}');
  const steering = new Steering({ fleet, config, now: () => clock.now(), wait: async () => undefined });
  const answers = await Promise.all(
    workloads.map((workload) => steering.steer(workload, { ...workload, replicas: 3 })),
  );

  const announced = answers.map(({ audit }) => audit.victims?.split(',') ?? []);
  for (const victims of announced) assert.equal(victims.length, 3);
  const marks = pods.flatMap(({ namespace, name }) => {
    const annotations = objectAt(server.get(PODS, namespace, name), 'metadata', 'annotations');
    return textOf(annotations[VICTIM])?.split('@')[0] ?? [];
  });
  assert.deepEqual([...new Set(marks)].sort(), announced.flat().sort());
  const patched = server.requests.filter(({ method }) => method === 'PATCH').map(({ path }) => path);
  assert.equal(new Set(patched).size, patched.length);
  for (const [place, workload] of workloads.entries()) assert.deepEqual(goingAs(workload), announced[place]?.sort());

  /** What its controller now takes, by the model of its order, on the costs that the server holds. */
  function goingAs(workload: Workload): readonly string[] {
    const index = fleet.snapshot();
    assert.ok(index instanceof FleetIndex);
    const again = planOf(scaleTo(workload, 3), index);
    assert.deepEqual(again.writes, []);
    return again.victims.map(({ candidate }) => candidate.name).sort();
  }
});
