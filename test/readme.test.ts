import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { objectAt } from '../src/workloads/core/json.ts';
import { adapters } from '../src/workloads/registry.ts';
import { ROOT } from './documents/example-server.ts';
import { Reader } from './documents/reader.ts';

const README = join(ROOT, 'README.md');
const REVIEWS = join(ROOT, 'manifests', 'examples', 'reviews');
/** With UPDATE_README=1 the README's outputs are written anew instead of compared. */
const UPDATE = process.env.UPDATE_README === '1';

test('every command of the README prints what the README says', async () => {
  const text = readFileSync(README, 'utf8');
  // Those of a cluster are run by test/e2e/readme-steps.e2e.ts.
  finish((await new Reader({ outputsOnly: true }).read(text)).text, text);
});

test('the README asks for the scores of the nodes that filter leaves, as kube-scheduler does', () => {
  // The others' change the scale of all scores once the leader has looked at what is being freed.
  const asked = (review: string): unknown => JSON.parse(readFileSync(join(REVIEWS, review), 'utf8'));
  const [, left] = /^\{"Nodes":null,"NodeNames":(\[[^\]]*\])/m.exec(readFileSync(README, 'utf8')) ?? [];
  assert.ok(left !== undefined, 'filter is no longer in the README');
  const expected = { ...objectAt(asked('schedule-embed.json')), NodeNames: JSON.parse(left) };
  assert.deepEqual(asked('prioritize-embed.json'), expected);
});

test('the README lists every kind, what decides which of its replicas go, and where it is guarded', () => {
  const rows = adapters.map(
    ({ kind, group, steeredBy, scalable }) =>
      `| ${kind} | ${group} | ${steeredBy} | ${scalable ? 'object and `/scale`' : 'object'} |`,
  );
  holdsTable(['| kind | group | steered by | guarded |', '|---|---|---|---|', ...rows, ''].join('\n'));
});

/** The table of the README that begins with the same line is this one. */
function holdsTable(table: string): void {
  const text = readFileSync(README, 'utf8');
  const [head = ''] = table.split('\n');
  const [above, below] = text.split(`${head}\n`);
  assert.ok(above !== undefined && below !== undefined, `a table is missing: ${head}`);
  finish(above + table + below.slice(below.indexOf('\n\n') + 1), text);
}

function finish(now: string, text: string): void {
  if (UPDATE) writeFileSync(README, now);
  else assert.equal(now, text);
}
