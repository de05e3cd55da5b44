import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import { ADMISSION_BODY_LIMIT } from '../../src/http/route.ts';
import { schedulerRoutes } from '../../src/http/scheduler-routes.ts';
import { LABEL_VALUES, pathLabel } from '../../src/observability/label-values.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { configOf } from '../admission/webhook.ts';
import { fleetOf, NO_TARGET_SET, NOW, ours, servingGroup } from '../builders/fleet.ts';
import { bindingReview, PODS, review, scaleReview, updateReview } from '../builders/review.ts';
import { deployment, serving } from '../builders/workload.ts';
import { makeClientCertificates } from '../http/client-certificates.ts';
import { converse } from '../http/http-client.ts';
import { certificates } from '../http/test-server.ts';
import { byName } from '../scheduler/extender-bodies.ts';
import { type Family, readExposition } from './exposition.ts';
import { observedServer } from './observed-server.ts';

const llama = serving(4, { prefill: 1, decode: 1 });
const pods = [0, 1, 2, 3].flatMap((group) => servingGroup(llama, group, () => ({ node: `n${group}`, ...ours(21) })));
const fleet = () => fleetOf(pods, [llama, deployment(2)]);

/** By name, as dashboards and alerts rely on them. */
const METRICS: Readonly<Record<string, string>> = {
  packdown_admission_requests_total: 'counter',
  packdown_admission_duration_seconds: 'histogram',
  packdown_refused_requests_total: 'counter',
  packdown_tls_handshake_failures_total: 'counter',
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
  packdown_certificate_expiry_timestamp_seconds: 'gauge',
  packdown_nodes_freeable: 'gauge',
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

  it('has what the leader forecasts, for as long as there is a forecast', async (t) => {
    const { observability, scrape } = await observedServer(t);
    const shown = async () => [...((await scrape()).get('packdown_nodes_freeable')?.series.values() ?? [])];
    assert.deepEqual(await shown(), []);
    for (const nodes of [7, 0]) {
      observability.onForecast(nodes);
      assert.deepEqual(await shown(), [nodes]);
    }
    observability.onForecast(null);
    assert.deepEqual(await shown(), []);
  });

  it('has no forecast from a replica that does not lead, or no longer', async () => {
    let leads = true;
    const sources = { fleet: new EmbeddedFleet(fleet(), () => NOW), leads: () => leads, certificateExpiry: () => null };
    const { registry, setFreeable } = createMetrics(sources);
    setFreeable(7);
    assert.match(await registry.metrics(), /^packdown_nodes_freeable 7$/m);
    leads = false;
    assert.doesNotMatch(await registry.metrics(), /^packdown_nodes_freeable /m);
  });

  it('says whether the replica leads', async () => {
    let leads = true;
    const sources = { fleet: new EmbeddedFleet(fleet(), () => NOW), leads: () => leads, certificateExpiry: () => null };
    const { registry } = createMetrics(sources);
    assert.match(await registry.metrics(), /^packdown_leader 1$/m);
    leads = false;
    assert.match(await registry.metrics(), /^packdown_leader 0$/m);
  });

  it('shows an event that no series showed before as a rise from 0', async (t) => {
    const families = await (await observedServer(t)).scrape();
    for (const name of [
      'packdown_nodes_freed_total',
      'packdown_cost_writes_total',
      'packdown_events_total',
      'packdown_refused_requests_total',
      'packdown_tls_handshake_failures_total',
      'packdown_ordering_findings_total',
      'packdown_steering_total',
      'packdown_predictions_total',
    ] as const) {
      const combinations = Object.values(LABEL_VALUES[name]).reduce((count, values) => count * values.length, 1);
      const values = [...(families.get(name)?.series.values() ?? [])];
      assert.deepEqual(values, Array(combinations).fill(0), name);
    }
  });

  it('says when the certificate expires, and nothing of it before there is one', async () => {
    const expiry = async (certificateExpiry: () => Date | null) => {
      const sources = { fleet: new EmbeddedFleet(fleet(), () => NOW), leads: () => true };
      const text = await createMetrics({ ...sources, certificateExpiry }).registry.metrics();
      return [...(readExposition(text).get('packdown_certificate_expiry_timestamp_seconds')?.series ?? [])];
    };
    assert.deepEqual(await expiry(() => new Date(NOW)), [
      ['packdown_certificate_expiry_timestamp_seconds', NOW / 1000],
    ]);
    assert.deepEqual(await expiry(() => null), []);
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

describe('a request that is refused before it is read is counted', () => {
  it('by path and status, where callers have to show a certificate and do not', async (t) => {
    const { ca } = await makeClientCertificates();
    const { send, seriesOf } = await observedServer(t, { index: fleet(), clientCa: ca });
    for (let count = 0; count < 3; count += 1) await send('/validate', JSON.stringify(scaleReview(llama, 5)));
    assert.deepEqual(await seriesOf('packdown_refused_requests_total'), {
      'packdown_refused_requests_total{path="/validate",code="401"}': 3,
    });
    assert.deepEqual(await seriesOf('packdown_admission_requests_total'), {});
  });

  it('whatever is wrong with it, under few paths', async (t) => {
    const { port, send, seriesOf } = await observedServer(t, { index: fleet() });
    await send('/mutate?timeout=2s', '{');
    await send('/validate', '{}', 'text/plain');
    await send('/validate', `"${'x'.repeat(ADMISSION_BODY_LIMIT)}"`);
    await send('/scheduler/bind', '{}');
    await send('/volcano/unheard', '{}');
    for (const path of ['/', '/validated', '/%zz', '/other']) await send(path, '{}');
    await converse({ port, ca: certificates.ca }, 'NONSENSE\r\n\r\n');
    assert.deepEqual(await seriesOf('packdown_refused_requests_total'), {
      'packdown_refused_requests_total{path="/mutate",code="400"}': 1,
      'packdown_refused_requests_total{path="/validate",code="415"}': 1,
      'packdown_refused_requests_total{path="/validate",code="413"}': 1,
      'packdown_refused_requests_total{path="/scheduler",code="404"}': 1,
      'packdown_refused_requests_total{path="/volcano",code="404"}': 1,
      'packdown_refused_requests_total{path="other",code="404"}': 3,
      'packdown_refused_requests_total{path="other",code="400"}': 2,
    });
  });

  it('and a review that is answered is not, whatever the answer', async (t) => {
    const { post, seriesOf } = await observedServer(t, { index: fleet() });
    await post('/validate', scaleReview(llama, -1));
    await post('/validate', scaleReview(llama, 5, { object: { spec: 3 } }));
    assert.deepEqual(await seriesOf('packdown_refused_requests_total'), {});
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
    const unknown = deployment(1, { kind: 'Unheard', name: 'unheard', uid: 'u' });
    const { post, seriesOf, scrape } = await observedServer(t, { index: fleetOf(pods, [llama, unknown]) });
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
    assert.equal((await seriesOf('packdown_fleet_objects'))['packdown_fleet_objects{kind="other"}'], 1);
    assertLabelsAreListed(await scrape());
  });

  it('are listed for every metric that has labels, and for every path that a scheduler calls', () => {
    const { registry } = createMetrics({
      fleet: new EmbeddedFleet(fleet(), () => NOW),
      leads: () => true,
      certificateExpiry: () => null,
    });
    const labelled = registry.getMetricsAsArray().flatMap((metric) => {
      const labels = 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames : [];
      return metric.name.startsWith('packdown_') && labels.length > 0 ? [[metric.name, labels]] : [];
    });
    const listed = Object.entries(LABEL_VALUES).map(([name, values]) => [name, Object.keys(values)]);
    assert.deepEqual(Object.fromEntries(labelled), Object.fromEntries(listed));

    const embedded = new EmbeddedFleet(fleet(), () => NOW);
    const paths = schedulerRoutes({
      fleet: embedded,
      config: configOf(),
      targetSet: NO_TARGET_SET,
      binder: embedded,
      catchUp: async () => undefined,
    }).map(({ path }) => path);
    const verbs = [...new Set(paths.map((path) => path.slice(path.lastIndexOf('/') + 1)))];
    const { verb } = LABEL_VALUES.packdown_extender_duration_seconds;
    assert.deepEqual(verbs.sort(), [...verb].sort());
    assert.ok(!paths.map(pathLabel).includes('other'));
  });
});

/** No series of ours has a label, or a value of one, that is not in the list. */
function assertLabelsAreListed(families: ReadonlyMap<string, Family>): void {
  const listed = new Map<string, Readonly<Record<string, readonly string[]>>>(Object.entries(LABEL_VALUES));
  for (const [name, { series }] of families) {
    if (!name.startsWith('packdown_')) continue;
    for (const line of series.keys()) {
      for (const [, label = '', value = ''] of line.matchAll(/(\w+)="([^"]*)"/g)) {
        if (label !== 'le') assert.ok(listed.get(name)?.[label]?.includes(value), line);
      }
    }
  }
}
