import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dump } from 'js-yaml';
import { loadFleet } from '../../src/cluster/embedded/load-fleet.ts';
import { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { readHorizontalPodAutoscaler } from '../../src/workloads/autoscaling/horizontal-pod-autoscaler.ts';
import { deployment, serving } from '../builders/workload.ts';

const web = deployment(3);
const llama = serving(3, { decode: 1 });

function hpa(name: string, spec: object, metadata: object = {}) {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { namespace: 'default', name, ...metadata },
    spec: { scaleTargetRef, maxReplicas: 9, ...spec },
  };
}

function fleetWith(...autoscalers: readonly ReturnType<typeof hpa>[]): FleetIndex {
  const fleet = new FleetIndex();
  for (const autoscaler of autoscalers) fleet.putAutoscaler(readHorizontalPodAutoscaler(autoscaler));
  return fleet;
}

const rangeOf = (fleet: FleetIndex, workload = web) => {
  const range = fleet.autoscaler(workload);
  return range === null ? null : [range.minReplicas, range.maxReplicas];
};

describe('the HorizontalPodAutoscaler of a workload', () => {
  it('says between which counts its replicas move', () => {
    assert.deepEqual(rangeOf(fleetWith(hpa('web', { minReplicas: 2 }))), [2, 9]);
  });

  it('has a minimum of one where it names none, and may have one of zero', () => {
    assert.deepEqual(rangeOf(fleetWith(hpa('web', {}))), [1, 9]);
    assert.deepEqual(rangeOf(fleetWith(hpa('web', { minReplicas: null }))), [1, 9]);
    assert.deepEqual(rangeOf(fleetWith(hpa('web', { minReplicas: 0 }))), [0, 9]);
  });

  it('takes replicas away unless its behavior says that it does not', () => {
    const scalesDown = (scaleDown: object) =>
      fleetWith(hpa('web', { behavior: { scaleDown } })).autoscaler(web)?.scalesDown;
    assert.equal(fleetWith(hpa('web', {})).autoscaler(web)?.scalesDown, true);
    assert.equal(scalesDown({ selectPolicy: 'Min' }), true);
    assert.equal(scalesDown({ selectPolicy: 'Disabled' }), false);
  });

  it('is told by group, kind, namespace and name of its target, in any version of the group', () => {
    const target = (fields: object) => ({
      scaleTargetRef: {
        apiVersion: 'workload.serving.volcano.sh/v1alpha2',
        kind: 'ModelServing',
        name: 'llama',
        ...fields,
      },
    });
    assert.deepEqual(rangeOf(fleetWith(hpa('a', target({}))), llama), [1, 9]);
    for (const fields of [{ apiVersion: 'apps/v1' }, { apiVersion: undefined }, { kind: 'LWS' }, { name: 'qwen' }]) {
      assert.equal(rangeOf(fleetWith(hpa('a', target(fields))), llama), null, JSON.stringify(fields));
    }
    assert.equal(rangeOf(fleetWith(hpa('a', target({}), { namespace: 'other' })), llama), null);
  });

  it('follows when the autoscaler changes its target, its counts, or goes', () => {
    const fleet = fleetWith(hpa('a', { minReplicas: 2 }));
    fleet.putAutoscaler(readHorizontalPodAutoscaler(hpa('a', { minReplicas: 4 })));
    assert.deepEqual(rangeOf(fleet), [4, 9]);
    const elsewhere = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' };
    fleet.putAutoscaler(readHorizontalPodAutoscaler(hpa('a', { scaleTargetRef: elsewhere })));
    assert.equal(rangeOf(fleet), null);
    assert.deepEqual(rangeOf(fleet, { ...web, name: 'api' }), [1, 9]);
    fleet.deleteAutoscaler({ kind: 'HorizontalPodAutoscaler', namespace: 'default', name: 'a' });
    assert.equal(rangeOf(fleet, { ...web, name: 'api' }), null);
  });

  it('of several for one workload is the first by name, in whatever order they come', () => {
    const [a, b] = [hpa('a', { minReplicas: 2 }), hpa('b', { minReplicas: 3 })];
    assert.deepEqual(rangeOf(fleetWith(a, b)), [2, 9]);
    const fleet = fleetWith(b, a);
    assert.deepEqual(rangeOf(fleet), [2, 9]);
    fleet.deleteAutoscaler({ kind: 'HorizontalPodAutoscaler', namespace: 'default', name: 'a' });
    assert.deepEqual(rangeOf(fleet), [3, 9]);
  });

  for (const [title, spec, key] of [
    ['a minimum that is no number', { minReplicas: 'two' }, 'minReplicas'],
    ['a negative minimum', { minReplicas: -1 }, 'minReplicas'],
    ['half a replica', { minReplicas: 1.5 }, 'minReplicas'],
    ['no maximum', { maxReplicas: undefined }, 'maxReplicas'],
  ] as const) {
    it(`with ${title} cannot be read`, () => {
      assert.throws(() => readHorizontalPodAutoscaler(hpa('a', spec)), {
        code: 'MalformedObject',
        message: new RegExp(key),
      });
    });
  }

  it('is read from a file, in the default namespace where it names none', () => {
    const load = (...items: readonly object[]) => loadFleet(dump({ apiVersion: 'v1', kind: 'List', items }), 'f.yaml');
    const bare = hpa('a', { minReplicas: 2 }, { namespace: undefined });
    for (const version of ['autoscaling/v1', 'autoscaling/v2']) {
      assert.deepEqual(rangeOf(load({ ...bare, apiVersion: version })), [2, 9]);
    }
    assert.equal(rangeOf(load({ ...bare, apiVersion: 'autoscaling.example.com/v2' })), null);
    assert.throws(() => load(hpa('a', { maxReplicas: 'many' })), {
      code: 'UnreadableFleet',
      message: /HorizontalPodAutoscaler default\/a: spec\.maxReplicas is no count/,
    });
  });
});
