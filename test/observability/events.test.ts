import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STEERING } from '../../src/domain/fleet/annotations.ts';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { configOf, type WebhookOptions } from '../admission/webhook.ts';
import { appsPod, fleetBut, fleetOf, ours, servingGroup, theirs } from '../builders/fleet.ts';
import { scaleReview, updateReview } from '../builders/review.ts';
import { deployment, serving } from '../builders/workload.ts';
import { type Observed, type ObservedOptions, observed } from './observed.ts';

const llama = serving(4, { decode: 1 });
const groups = [0, 1, 2, 3].flatMap((group) =>
  servingGroup(llama, group, () => ({ node: `n${group}`, ...ours(20 + group) })),
);
const web = deployment(2);
const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: web.name, uid: web.uid };
const webSet = deployment(2, { kind: 'ReplicaSet', name: 'web-7c9d', uid: 'uid-of-web-7c9d', owner });
const database = deployment(3, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });
const others = [appsPod(webSet, 'a'), appsPod(webSet, 'b'), ...[0, 1, 2].map((each) => appsPod(database, each))];

const hooked = (options: ObservedOptions = {}) =>
  observed({ index: fleetOf([...groups, ...others], [llama, web, webSet, database]), ...options });
const told = ({ events }: Observed) =>
  events.map(({ event: { type, reason, regarding, note } }) => [
    type,
    reason,
    `${regarding.kind}/${regarding.name}`,
    note,
  ]);

const but = (difference: Partial<Fleet>) => (fleet: Fleet) => fleetBut(fleet, difference);

describe('an Event on the workload tells', () => {
  it('what a steered scale-down takes and frees', async () => {
    const hook = hooked();
    await hook.scale(llama, 3);
    const [only] = hook.events;
    assert.deepEqual(only?.event, {
      ...{ type: 'Normal', reason: 'SteeredScaleDown', action: 'Steer' },
      regarding: {
        apiVersion: 'workload.serving.volcano.sh/v1alpha1',
        ...{ kind: 'ModelServing', namespace: 'default', name: 'llama', uid: 'uid-of-llama' },
      },
      related: null,
      note: 'from 4 to 3: llama-3 will go, which frees n3',
    });
    assert.equal(hook.events.length, 1);
  });

  it('of a ReplicaSet, on the Deployment that people scale', async () => {
    const hook = hooked();
    hook.index.putWorkload({ ...web, replicas: 1 });
    const desired = (count: number) => ({
      annotations: { 'deployment.kubernetes.io/desired-replicas': `${count}` },
      replicas: count,
    });
    await hook.validate(updateReview({ ...webSet, ...desired(2) }, { ...webSet, ...desired(1) }));
    assert.deepEqual(told(hook), [
      ['Normal', 'SteeredScaleDown', 'Deployment/web', 'ReplicaSet web-7c9d from 2 to 1: web-7c9d-b will go'],
    ]);
    assert.equal(hook.events[0]?.event.related?.uid, webSet.uid);
  });

  it('what would go where packdown observes', async () => {
    const hook = hooked({ config: configOf('mode: observe') });
    await hook.scale(llama, 3);
    assert.deepEqual(told(hook), [
      ['Normal', 'ObservedScaleDown', 'ModelServing/llama', 'from 4 to 3: llama-3 would go, which frees n3'],
    ]);
  });

  it('which change of replicas was refused, and why', async () => {
    const hook = hooked();
    await hook.validate(scaleReview(llama, 20_000));
    assert.deepEqual(told(hook), [
      [
        'Warning',
        'RefusedReplicaChange',
        'ModelServing/llama',
        'sane-counts: the number of groups would be 20000, the maximum is 10000; give a whole number from 0 to 10000, or raise limits.maxReplicas',
      ],
    ]);
    assert.equal(hook.events[0]?.event.action, 'Refuse');
  });

  const unsteered: readonly [title: string, options: WebhookOptions, from: Workload, note: RegExp][] = [
    [
      'some costs could not be written',
      { wrap: but({ write: async (writes) => writes.flat().map(() => 'stale') }) },
      llama,
      /could not be written: others may go instead$/,
    ],
    ['the fleet is not heard of', { wrap: but({ staleness: () => null }) }, llama, /nothing was steered$/],
    ['the fleet shows another count', {}, { ...llama, replicas: 7 }, /has 4 replicas in the fleet, not 7/],
    [
      'writing fails in a way that nobody thought of',
      { wrap: but({ write: async () => Promise.reject(new Error('broken')) }) },
      llama,
      /^from 4 to 3: steering failed: broken$/,
    ],
    [
      'somebody else’s costs leave no way',
      {
        index: fleetOf(
          groups.map((pod) => ({ ...pod, ...theirs(-5) })),
          [llama],
        ),
      },
      llama,
      /is not steered/,
    ],
  ];
  for (const [title, options, from, note] of unsteered) {
    it(`as a warning, that a scale-down is not steered: ${title}`, async () => {
      const hook = hooked(options);
      await hook.validate(scaleReview(from, 3));
      assert.deepEqual(
        told(hook).map(([type, reason]) => [type, reason]),
        [['Warning', 'UnsteeredScaleDown']],
      );
      assert.match(hook.events[0]?.event.note ?? '', note);
    });
  }
});

describe('there is no Event', () => {
  const silent: readonly [title: string, review: object, options?: WebhookOptions][] = [
    ['of a dry run that would be steered', scaleReview(llama, 3, { dryRun: true })],
    ['of a dry run that is refused', scaleReview(llama, -1, { dryRun: true })],
    ['of a scale-up', scaleReview(llama, 5)],
    ['of an update that changes no count', updateReview(llama, { ...llama, annotations: { a: 'b' } })],
    ['of a Deployment, whose ReplicaSet will have one', scaleReview(web, 1)],
    ['of a kind that nobody can steer', scaleReview(database, 2)],
    ['where steering is off', scaleReview(llama, 3), { config: configOf('mode: "off"') }],
    ['of a refused change of what the fleet does not show', scaleReview({ ...llama, name: 'unheard-of' }, -1)],
    ['of a refused change of a namesake', scaleReview({ ...llama, uid: 'another' }, -1)],
    ['of a namesake that is not steered', scaleReview({ ...llama, uid: 'another' }, 3)],
  ];
  for (const [title, review, options] of silent) {
    it(title, async () => {
      const hook = hooked(options);
      await hook.validate(review);
      assert.deepEqual(told(hook), []);
    });
  }

  it('where the workload’s own annotation switches steering off', async () => {
    const off = { ...llama, annotations: { [STEERING]: 'off' } };
    const hook = hooked({ index: fleetOf(groups, [off]) });
    await hook.scale(off, 3);
    assert.deepEqual(told(hook), []);
  });
});

describe('Events', () => {
  it('hold no more than the apiserver takes, and no half characters', async () => {
    const roles = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`rôle-${index}`, { replicas: 1 }]));
    const wide = serving(4, roles);
    const hook = hooked({ index: fleetOf([], [wide]) });
    const broken = Object.fromEntries(Object.keys(roles).map((name) => [name, { replicas: -1 }]));
    await hook.validate(updateReview(wide, serving(4, broken)));
    const note = hook.events[0]?.event.note ?? '';
    assert.ok(Buffer.byteLength(note) <= 1024 && Buffer.byteLength(note) > 1000, note);
    assert.doesNotMatch(note, /\uFFFD/);
    assert.ok(note.endsWith('…'));
  });

  it('are counted by what became of them, and answers do not wait for them', async () => {
    const pending = Promise.withResolvers<'failed'>();
    const hook = hooked({ events: { write: () => pending.promise } });
    await hook.scale(llama, 3);
    assert.deepEqual(await hook.seriesOf('packdown_events_total'), {});
    pending.resolve('failed');
    await pending.promise;
    assert.deepEqual(await hook.seriesOf('packdown_events_total'), {
      'packdown_events_total{reason="SteeredScaleDown",outcome="failed"}': 1,
    });
  });

  it('are neither counted nor missed where there is nowhere to write them', async () => {
    const hook = hooked({ events: null });
    await hook.scale(llama, 3);
    await hook.validate(scaleReview(llama, 20_000));
    assert.deepEqual(await hook.seriesOf('packdown_events_total'), {});
    assert.deepEqual(
      hook.logged.filter(({ msg }) => msg === 'packdown failed to watch itself'),
      [],
    );
  });

  it('are counted as limited where there are too many', async () => {
    const hook = hooked();
    for (let time = 0; time < 30; time += 1) await hook.validate(scaleReview(llama, -1));
    assert.equal(hook.events.length, 25);
    assert.deepEqual(await hook.seriesOf('packdown_events_total'), {
      'packdown_events_total{reason="RefusedReplicaChange",outcome="written"}': 25,
      'packdown_events_total{reason="RefusedReplicaChange",outcome="limited"}': 5,
    });
  });
});
