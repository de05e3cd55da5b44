import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rules } from '../../src/domain/ordering/rules.ts';
import { configOf } from '../admission/webhook.ts';
import { fleetOf, ours, servingGroup } from '../builders/fleet.ts';
import { bindingReview, PODS, review, scaleReview, updateReview } from '../builders/review.ts';
import { deployment, serving } from '../builders/workload.ts';
import { byName } from '../scheduler/extender-bodies.ts';
import { observedServer } from './observed-server.ts';

const llama = serving(4, { prefill: 1, decode: 1 });
const pods = [0, 1, 2, 3].flatMap((group) => servingGroup(llama, group, () => ({ node: `n${group}`, ...ours(21) })));
const fleet = () => fleetOf(pods, [llama, deployment(2)]);

/** The list of interfaces.md. */
const METRICS: Readonly<Record<string, string>> = {
  packdown_admission_requests_total: 'counter',
  packdown_admission_duration_seconds: 'histogram',
  packdown_ordering_findings_total: 'counter',
  packdown_steering_total: 'counter',
  packdown_steering_duration_seconds: 'histogram',
  packdown_cost_writes_total: 'counter',
  packdown_extender_duration_seconds: 'histogram',
  packdown_predictions_total: 'counter',
  packdown_nodes_freed_total: 'counter',
  packdown_events_total: 'counter',
  packdown_fleet_objects: 'gauge',
  packdown_fleet_staleness_seconds: 'gauge',
  packdown_leader: 'gauge',
};

describe('GET /metrics', () => {
  it('has every metric that is promised, with its type, and those of the process', async (t) => {
    const families = await (await observedServer(t)).scrape();
    const types = [...families].map(([name, { type }]) => [name, type]);
    assert.deepEqual(Object.fromEntries(types.filter(([name]) => name?.startsWith('packdown_'))), METRICS);
    for (const name of [
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      assert.ok(families.has(name), name);
    for (const [name, { help }] of families) assert.ok(help.length > 0, name);
  });

  it('is of its own server: another in the same process counts for itself', async (t) => {
    const [one, other] = [await observedServer(t, { index: fleet() }), await observedServer(t)];
    await one.post('/validate', scaleReview(llama, 5));
    assert.deepEqual(await other.seriesOf('packdown_admission_requests_total'), {});
    assert.deepEqual(await other.seriesOf('packdown_fleet_objects'), {});
  });

  it('counts the objects of the fleet by kind', async (t) => {
    const { seriesOf } = await observedServer(t, { index: fleet() });
    assert.deepEqual(await seriesOf('packdown_fleet_objects'), {
      'packdown_fleet_objects{kind="Node"}': 4,
      'packdown_fleet_objects{kind="Pod"}': 8,
      'packdown_fleet_objects{kind="ModelServing"}': 1,
      'packdown_fleet_objects{kind="Deployment"}': 1,
    });
  });

  it('shows an event that no series showed before as a rise from 0', async (t) => {
    const families = await (await observedServer(t)).scrape();
    for (const [name, count] of [
      ['packdown_nodes_freed_total', 2],
      ['packdown_cost_writes_total', 4],
      ['packdown_events_total', 16],
      ['packdown_ordering_findings_total', 2 * rules.length],
    ] as const) {
      assert.deepEqual([...(families.get(name)?.series.values() ?? [])], Array(count).fill(0), name);
    }
  });
});

describe('a review is counted', () => {
  const cases: readonly [title: string, path: string, body: object, resource: string, decision: string][] = [
    ['that is allowed', '/validate', scaleReview(llama, 5), 'modelservings', 'allowed'],
    ['that is refused', '/validate', scaleReview(llama, -1), 'modelservings', 'denied'],
    ['that is malformed', '/validate', scaleReview(llama, 5, { object: { spec: 3 } }), 'modelservings', 'unjudged'],
    ['of another version', '/validate', review({ resource: PODS }, 'admission.k8s.io/v1beta1'), 'pods', 'unjudged'],
    [
      'that is patched',
      '/mutate',
      bindingReview({ namespace: 'default', name: 'llama-0-prefill-0-0', uid: '' }, 'n1'),
      'pods',
      'patched',
    ],
    [
      'of a resource of nobody',
      '/validate',
      updateReview(llama, llama, { resource: { group: 'x', resource: 'modelservings' } }),
      'other',
      'allowed',
    ],
  ];
  for (const [title, path, body, resource, decision] of cases) {
    it(title, async (t) => {
      const { post, seriesOf } = await observedServer(t, { index: fleet() });
      await post(path, body);
      const labels = `path="${path}",resource="${resource}",decision="${decision}"`;
      assert.deepEqual(await seriesOf('packdown_admission_requests_total'), {
        [`packdown_admission_requests_total{${labels}}`]: 1,
      });
      const durations = await seriesOf('packdown_admission_duration_seconds');
      assert.equal(durations[`packdown_admission_duration_seconds_count{path="${path}"}`], 1);
    });
  }

  it('with what the ordering rules found, refused or not', async (t) => {
    const config = configOf('rules: {gang-floor: warn}');
    const guarded = serving(4, { prefill: { replicas: 2, gangMinimum: 2 } });
    const { post, seriesOf } = await observedServer(t, { index: fleetOf([], [guarded]), config });
    await post('/validate', scaleReview(guarded, 20_000));
    await post('/validate', updateReview(guarded, serving(4, { prefill: { replicas: 1, gangMinimum: 2 } })));
    assert.deepEqual(await seriesOf('packdown_ordering_findings_total'), {
      'packdown_ordering_findings_total{rule="sane-counts",mode="enforce"}': 1,
      'packdown_ordering_findings_total{rule="gang-floor",mode="warn"}': 1,
    });
  });
});

describe('the extender is timed', () => {
  it('by verb', async (t) => {
    const { post, seriesOf } = await observedServer(t, { index: fleet() });
    for (const verb of ['filter', 'prioritize', 'prioritize']) await post(`/scheduler/${verb}`, byName(['n0', 'n1']));
    const durations = await seriesOf('packdown_extender_duration_seconds');
    assert.equal(durations['packdown_extender_duration_seconds_count{verb="filter"}'], 1);
    assert.equal(durations['packdown_extender_duration_seconds_count{verb="prioritize"}'], 2);
  });
});

describe('label values', () => {
  it('are as many as before after a hundred reviews of what nobody has heard of', async (t) => {
    const { post, seriesOf } = await observedServer(t, { index: fleet() });
    for (let index = 0; index < 100; index += 1) {
      const resource = { group: `group-${index}`, version: 'v1', resource: `"}\n${index}` };
      const fields = {
        resource,
        subResource: `sub-${index}`,
        operation: `op-${index}`,
        namespace: `ns-${index}`,
        name: `${index}`,
      };
      await post(`/validate?x=${index}`, updateReview(llama, serving(index, { [`role-${index}`]: 1 }), fields));
      await post('/mutate', review(fields, index % 2 === 0 ? `v${index}` : undefined));
    }
    const series = Object.keys(await seriesOf('packdown_admission_requests_total'));
    assert.deepEqual(series.sort(), [
      'packdown_admission_requests_total{path="/mutate",resource="other",decision="allowed"}',
      'packdown_admission_requests_total{path="/mutate",resource="other",decision="unjudged"}',
      'packdown_admission_requests_total{path="/validate",resource="other",decision="allowed"}',
    ]);
  });
});
