import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { dump } from 'js-yaml';
import { fetch } from 'undici';
import { type JsonObject, listAt, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { serve } from '../commands/packdown-process.ts';
import { documents, MANIFESTS } from '../manifests/kustomize.ts';
import { startLastResort } from './control-plane/last-resort.ts';
import { freePort, runToEnd, startProcess } from './control-plane/processes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { until } from './control-plane/wait.ts';
import { findPrometheus } from './prometheus/find-prometheus.ts';

const found = await findPrometheus();
const OBSERVABILITY = join(MANIFESTS, 'observability');
const RULE_TESTS = join(import.meta.dirname, '..', 'observability', 'alerts.promtool.yaml');
const REVIEWS = join(MANIFESTS, 'examples', 'reviews');
const RULES = 'rules.yaml';

suite('the alerts and the dashboard, with Prometheus itself', { skip: skipWithout('apiserver', found) }, () => {
  const lastResort = startLastResort();
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'packdown-prometheus-'));
    lastResort.folder(folder);
    const [rule] = documents(join(OBSERVABILITY, 'alerts.yaml'));
    await writeFile(join(folder, RULES), dump(objectAt(rule, 'spec')));
    await cp(RULE_TESTS, join(folder, 'tests.yaml'));
  });

  after(() => lastResort.end());

  function program(name: string): string {
    const path = 'tools' in found ? found.tools.get(name) : undefined;
    return path ?? assert.fail(`there is no ${name}`);
  }
  async function promtool(...args: string[]): Promise<void> {
    const { code, stdout, stderr } = await runToEnd(program('promtool'), args, { lastResort, cwd: folder });
    assert.equal(code, 0, `${stdout}${stderr}`);
  }

  test('promtool finds nothing wrong with the alerts', () => promtool('check', 'rules', '--lint-fatal', RULES));

  test('each alert fires when it should, and does not while all is well', async () => {
    const [tests] = documents(RULE_TESTS);
    const cases = listAt(tests, 'tests').flatMap((one) => listAt(one, 'alert_rule_test'));
    const [rule] = documents(join(OBSERVABILITY, 'alerts.yaml'));
    const [group] = listAt(rule, 'spec', 'groups');
    for (const { alert } of listAt(group, 'rules')) {
      const firing = cases
        .filter(({ alertname }) => alertname === alert)
        .map((one) => listAt(one, 'exp_alerts').length > 0);
      assert.deepEqual(new Set(firing), new Set([true, false]), `${alert} is not tested both ways`);
    }
    await promtool('test', 'rules', 'tests.yaml');
  });

  test('Prometheus scrapes packdown, and every query of the dashboard and of the alerts is answered from it', async (t) => {
    const packdown = await serve(t);
    const port = await freePort();
    const configuration = {
      global: { scrape_interval: '500ms', evaluation_interval: '1s' },
      rule_files: [RULES],
      scrape_configs: [
        {
          job_name: 'packdown',
          static_configs: [
            { targets: [`127.0.0.1:${packdown.opsPort}`], labels: { namespace: 'packdown-system', pod: 'packdown-0' } },
          ],
        },
      ],
    };
    await writeFile(join(folder, 'prometheus.yaml'), dump(configuration));
    await promtool('check', 'config', 'prometheus.yaml');
    const flags = [
      `--web.listen-address=127.0.0.1:${port}`,
      '--config.file=prometheus.yaml',
      '--storage.tsdb.path=data',
    ];
    const prometheus = startProcess('prometheus', program('prometheus'), flags, { folder, lastResort });
    t.after(() => prometheus.kill());
    async function ask(path: string): Promise<JsonObject> {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
      const text = await answer.text();
      assert.equal(answer.status, 200, `${path}: ${text}`);
      return objectAt(JSON.parse(text), 'data');
    }
    const query = async (expression: string) =>
      listAt(await ask(`query?query=${encodeURIComponent(expression)}`), 'result');
    const firstValue = async (expression: string) => {
      const [first] = await query(expression);
      return Array.isArray(first?.value) ? Number(first.value[1]) : Number.NaN;
    };

    await until('Prometheus to have scraped', async () => (await firstValue('sum(packdown_leader)')) === 1);
    for (const review of ['scale-chat-4-to-3', 'chat-without-decode', 'bind-chat-2-prefill']) {
      const path = review.startsWith('bind') ? '/mutate' : '/validate';
      const body: unknown = JSON.parse(await readFile(join(REVIEWS, `${review}.json`), 'utf8'));
      assert.equal((await packdown.post(path, body)).status, 200);
    }
    const body: unknown = JSON.parse(await readFile(join(REVIEWS, 'schedule-embed.json'), 'utf8'));
    await packdown.post('/scheduler/prioritize', body);
    await until(
      'Prometheus to have seen a refusal',
      async () => (await firstValue('sum(packdown_ordering_findings_total{mode="enforce"})')) > 0,
    );
    await until(
      'increase() to see it too, for its series began at 0',
      async () => (await firstValue('sum(increase(packdown_ordering_findings_total{mode="enforce"}[1m]))')) > 0,
    );

    // One may be pending from before the first scrape.
    await until('every alert to have been looked at, and none to be of concern', async () => {
      const rules = listAt(await ask('rules'), 'groups').flatMap((group) => listAt(group, 'rules'));
      return rules.length > 0 && rules.every(({ health, state }) => health === 'ok' && state === 'inactive');
    });

    const dashboard: JsonObject = JSON.parse(await readFile(join(OBSERVABILITY, 'dashboard.json'), 'utf8'));
    const targets = listAt(dashboard, 'panels').flatMap((panel) => listAt(panel, 'targets'));
    for (const { expr } of targets) {
      const expression = `${textOf(expr)}`
        .replaceAll('$namespace', '.*')
        .replaceAll(/\$__(rate_interval|range)/g, '1m');
      // Events need a cluster. A rate needs two samples of a series.
      if (expression.includes('packdown_events_total')) await query(expression);
      else await until(`an answer to ${expression}`, async () => (await query(expression)).length > 0);
    }
  });
});
