import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import { LABEL_VALUES } from '../../src/observability/label-values.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { fleetOf, NOW } from '../builders/fleet.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'metrics.md');
/** With UPDATE_DOCS=1 the table is written anew instead of compared. */
const UPDATE = process.env.UPDATE_DOCS === '1';
/** Longer lists of values are cut to a few. */
const MOST_VALUES = 10;
const A_FEW = 3;

const labels = new Map<string, Readonly<Record<string, readonly string[]>>>(Object.entries(LABEL_VALUES));

it('docs/metrics.md lists every metric with what it says, its labels and their values', async () => {
  const { registry } = createMetrics({
    fleet: new EmbeddedFleet(fleetOf([]), () => NOW),
    leads: () => true,
    certificateExpiry: () => null,
  });
  const metrics = (await registry.getMetricsAsJSON()).filter(({ name }) => name.startsWith('packdown_'));
  const rows = metrics.map(({ name, type, help }) => `| \`${name}\` | ${type} | ${labelsOf(name)} | ${help} |`);
  const table = ['| metric | type | labels | |', '|---|---|---|---|', ...rows.sort()].join('\n');
  const text = readFileSync(PAGE, 'utf8');
  const now = text.replace(
    /(<!-- table -->\n)[\s\S]*(<!-- \/table -->)/,
    (_, begin, end) => `${begin}${table}\n${end}`,
  );
  if (UPDATE) writeFileSync(PAGE, now);
  else assert.equal(text, now, 'UPDATE_DOCS=1 node --test test/observability/docs.test.ts writes it anew');
});

function labelsOf(name: string): string {
  const listed = Object.entries(labels.get(name) ?? {}).map(([label, values]) => {
    const shown = values.length > MOST_VALUES ? [...values.slice(0, A_FEW), '…'] : values;
    return `\`${label}\`: ${shown.join(', ')}`;
  });
  return listed.join('; ');
}
