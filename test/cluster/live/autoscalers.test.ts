import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withLiveFleet } from './start-live-fleet.ts';
import { until } from './until.ts';

const AUTOSCALERS = '/apis/autoscaling/v2/horizontalpodautoscalers';

test('HorizontalPodAutoscalers are watched, in the version that the apiserver prefers', () =>
  withLiveFleet([], async ({ server, fleet, log }) => {
    const key = { group: 'apps', kind: 'Deployment', namespace: 'ns', name: 'web' };
    const autoscaler = (maxReplicas: unknown) => ({
      metadata: { namespace: 'ns', name: 'web' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas },
    });
    server.put(AUTOSCALERS, autoscaler(9));
    await until('it is there', () => fleet.snapshot().autoscaler(key)?.maxReplicas === 9);
    assert.equal(fleet.snapshot().autoscaler(key)?.minReplicas, 2);
    server.put(AUTOSCALERS, autoscaler('many'));
    await until('the log says what is wrong', () => log.some(({ message }) => message.includes('maxReplicas')));
    await until('it counts for nothing any more', () => fleet.snapshot().autoscaler(key) === null);
    server.put(AUTOSCALERS, autoscaler(8));
    await until('it is back', () => fleet.snapshot().autoscaler(key)?.maxReplicas === 8);
    server.remove(AUTOSCALERS, 'ns', 'web');
    await until('it is gone', () => fleet.snapshot().autoscaler(key) === null);
  }));
