import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import { LABEL_VALUES } from '../../src/observability/label-values.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { type JsonObject, listAt, listTexts, objectAt, stringsAt, textOf } from '../../src/workloads/core/json.ts';
import { fleetOf, NOW } from '../builders/fleet.ts';
import { documents, listedFiles, MANIFESTS, objectsOf, only } from './kustomize.ts';
import { type Matcher, readQuery, type Selector } from './promql.ts';

const FOLDER = join(MANIFESTS, 'observability');
const dashboard: JsonObject = JSON.parse(readFileSync(join(FOLDER, 'dashboard.json'), 'utf8'));
const panels = listAt(dashboard, 'panels');
const alerts = documents(join(FOLDER, 'alerts.yaml'))
  .flatMap((rule) => listAt(rule, 'spec', 'groups'))
  .flatMap((group) => listAt(group, 'rules'));

const { registry } = createMetrics({
  fleet: new EmbeddedFleet(fleetOf([]), () => NOW),
  leads: () => true,
  certificateExpiry: () => null,
});
const types = new Map((await registry.getMetricsAsJSON()).map(({ name, type }) => [name, `${type}`]));
const labels = new Map<string, Readonly<Record<string, readonly string[]>>>(Object.entries(LABEL_VALUES));

/** What Prometheus adds to whatever it scrapes from a pod. */
const OF_THE_TARGET = ['namespace', 'pod', 'instance', 'job', 'container', 'endpoint'];
const OVER_TIME = ['rate', 'increase'];

/** Queries by what shows them; Grafana's variables are replaced. */
const queries: readonly (readonly [place: string, query: string])[] = [
  ...panels.flatMap((panel) =>
    listAt(panel, 'targets').map(({ expr }): [string, string] => {
      const query = (textOf(expr) ?? '').replaceAll('$namespace', '.*').replaceAll(/\$__(rate_interval|range)/g, '5m');
      return [`panel ${panel.title}`, query];
    }),
  ),
  ...alerts.map(({ alert, expr }): [string, string] => [`alert ${alert}`, textOf(expr) ?? '']),
];

/** The metric that a series belongs to, by its name: histograms have several of them. */
function familyOf(series: string): string {
  const histogram = series.replace(/_(bucket|sum|count)$/, '');
  return types.get(histogram) === 'histogram' ? histogram : series;
}

const labelsOf = ({ metric }: Selector) => [
  ...Object.keys(labels.get(familyOf(metric)) ?? {}),
  ...(metric.endsWith('_bucket') ? ['le'] : []),
  ...OF_THE_TARGET,
];

/** Whether a matcher of a label with a closed list of values fits none of them: a slip of the pen. */
function isInVain({ metric }: Selector, { label, operator, value }: Matcher): boolean {
  const values = labels.get(familyOf(metric))?.[label];
  if (values === undefined) return false;
  return operator.includes('~')
    ? value.split('|').some((part) => !values.some((one) => new RegExp(`^(?:${part})$`).test(one)))
    : !values.includes(value);
}

describe('a query of the dashboard or of an alert', () => {
  it('is there in numbers, and names metrics that packdown has', () => {
    assert.ok(queries.length > 30);
    const named = queries.flatMap(([place, query]) =>
      readQuery(query).selectors.map(({ metric }): [string, string] => [place, metric]),
    );
    assert.ok(named.length >= queries.length);
    for (const [place, metric] of named) assert.ok(types.has(familyOf(metric)), `${place}: ${metric}`);
  });

  it('matches and groups by labels that these have, and by values that these can have', () => {
    for (const [place, query] of queries) {
      const { selectors, groupings } = readQuery(query);
      for (const selector of selectors) {
        for (const matcher of selector.matchers) {
          assert.ok(labelsOf(selector).includes(matcher.label), `${place}: ${selector.metric} has no ${matcher.label}`);
          assert.ok(!isInVain(selector, matcher), `${place}: ${matcher.label} is never ${matcher.value}`);
        }
      }
      for (const label of groupings) assert.ok(selectors.flatMap(labelsOf).includes(label), `${place}: ${label}`);
    }
  });

  it('takes the rate of counters and of nothing else', () => {
    for (const [place, query] of queries) {
      for (const { metric, ranged } of readQuery(query).selectors) {
        const isCounted = types.get(familyOf(metric)) !== 'gauge';
        assert.equal(ranged !== null && OVER_TIME.includes(ranged), isCounted, `${place}: ${metric}`);
      }
    }
  });
});

describe('the dashboard', () => {
  it('has panels of their own id and place, each with a title and one of the data sources to choose from', () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const places = panels.map(({ gridPos }) => JSON.stringify(gridPos));
    assert.equal(new Set(places).size, places.length);
    for (const { title, type, datasource } of panels) {
      assert.ok(textOf(title));
      if (type !== 'row') assert.deepEqual(datasource, { type: 'prometheus', uid: '$datasource' }, `${title}`);
    }
    const variables = listAt(dashboard, 'templating', 'list').map(({ name }) => name);
    assert.deepEqual(variables, ['datasource', 'namespace']);
  });

  it('names series by labels that they keep', () => {
    for (const panel of panels) {
      for (const { expr, legendFormat } of listAt(panel, 'targets')) {
        const { selectors, groupings } = readQuery(`${textOf(expr)}`.replaceAll(/\$__\w+/g, '5m'));
        const kept = /\bby \(/.test(`${expr}`) ? groupings : selectors.flatMap(labelsOf);
        const shown = [...`${legendFormat}`.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
        for (const label of shown) assert.ok(kept.includes(label), `${panel.title}: ${label}`);
      }
    }
  });
});

describe('an alert', () => {
  it('says what is wrong, how bad it is and where to read on', () => {
    assert.ok(alerts.length >= 6);
    assert.equal(new Set(alerts.map(({ alert }) => alert)).size, alerts.length);
    for (const alert of alerts) {
      const { summary, description, runbook } = stringsAt(alert, 'annotations');
      assert.ok(summary && description, `${alert.alert}`);
      assert.ok(['warning', 'critical'].includes(stringsAt(alert, 'labels').severity ?? ''), `${alert.alert}`);
      assert.ok(runbook?.endsWith(`#${`${alert.alert}`.toLowerCase()}`), `${alert.alert}: ${runbook}`);
    }
  });
});

test('the PodMonitor and the annotations of the pods lead to the port that serves the metrics', () => {
  const [monitor] = documents(join(FOLDER, 'pod-monitor.yaml'));
  const template = objectAt(only(objectsOf(join(MANIFESTS, 'base')), 'Deployment'), 'spec', 'template');
  const [container] = listAt(template, 'spec', 'containers');
  const ports = listAt(container, 'ports');
  assert.deepEqual(
    listAt(monitor, 'spec', 'podMetricsEndpoints').map(({ port, path }) => [port, path]),
    [['ops', '/metrics']],
  );
  const podLabels = stringsAt(template, 'metadata', 'labels');
  for (const [label, value] of Object.entries(stringsAt(monitor, 'spec', 'selector', 'matchLabels')))
    assert.equal(podLabels[label], value);
  assert.deepEqual(stringsAt(template, 'metadata', 'annotations'), {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': `${ports.find(({ name }) => name === 'ops')?.containerPort}`,
    'prometheus.io/path': '/metrics',
  });
  assert.ok(listTexts(container, 'args').includes('--ops-port=8080'));
});

test('everything in manifests/observability is in its kustomization, in the namespace of packdown', () => {
  for (const object of objectsOf(FOLDER)) assert.equal(objectAt(object, 'metadata').namespace, 'packdown-system');
  assert.equal(listedFiles(FOLDER).length, 2);
});
