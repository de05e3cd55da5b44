import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rules } from '../../src/domain/ordering/rules.ts';
import { run, temporaryFile } from './run-in-process.ts';

describe('rules', () => {
  it('lists every rule with its default, what it refuses and why', async () => {
    const { code, stdout, stderr } = await run(['rules']);
    assert.deepEqual([code, stderr], [0, []]);
    const expected = rules.map(
      ({ name, mode, refuses, why }) => `${name} (${mode})\n  refuses: ${refuses}\n  why: ${why}`,
    );
    assert.deepEqual(stdout, [expected.join('\n')]);
  });

  it('prints JSON', async () => {
    const { stdout } = await run(['rules', '-o', 'json']);
    const expected = rules.map(({ name, mode, refuses, why }) => ({ name, mode, refuses, why }));
    assert.deepEqual(JSON.parse(stdout[0] ?? ''), expected);
  });

  it('prints a table in Markdown whose cells no rule breaks', async () => {
    const { stdout } = await run(['rules', '-o', 'markdown']);
    const rows = stdout[0]?.split('\n') ?? [];
    assert.equal(rows.length, rules.length + 2);
    for (const row of rows) assert.equal(row.split('|').length, 6, row);
    assert.match(rows[2] ?? '', /^\| sane-counts \| enforce \| a negative count/);
  });

  it('shows the modes that the configuration and the environment set', async (t) => {
    const file = await temporaryFile(t, 'config.yaml', 'rules: {gang-floor: warn, cooldown: enforce}');
    const { stdout } = await run(['rules', '--config', file, '-o', 'json'], { PACKDOWN_RULES_VACANCY: 'off' });
    const listed: readonly { readonly name: string; readonly mode: string }[] = JSON.parse(stdout[0] ?? '');
    const changed = listed.filter(({ name, mode }) => rules.some((rule) => rule.name === name && rule.mode !== mode));
    assert.deepEqual(
      changed.map(({ name, mode }) => `${name} ${mode}`),
      ['gang-floor warn', 'cooldown enforce', 'vacancy off'],
    );
  });

  it('ends with 2 for an output that there is not', async () => {
    assert.equal((await run(['rules', '-o', 'yaml'])).code, 2);
  });
});
