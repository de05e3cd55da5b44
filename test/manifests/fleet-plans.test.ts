import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../src/commands/commands.ts';
import { listAt, listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { MANIFESTS } from './kustomize.ts';

const FLEET = join(MANIFESTS, 'examples/fleet.yaml');
const NOW = Date.parse('2025-06-01T00:00:00Z');

async function plan(policy: string, scales: readonly string[]): Promise<unknown> {
  const lines: string[] = [];
  const io = {
    stdout: (line: string) => lines.push(line),
    stderr: (line: string) => assert.fail(line),
    environment: {},
    colour: false,
    now: () => NOW,
  };
  const argv = ['plan', '--fleet', FLEET, '--policy', policy, '-o', 'json', ...scales.flatMap((s) => ['--scale', s])];
  assert.equal(await runCommand(argv, io), 0);
  return JSON.parse(lines.join('\n'));
}

interface Expectation {
  readonly scales: readonly string[];
  readonly policy: string;
  /** Groups and pods, by their last part, sorted. */
  readonly victims: readonly string[];
  readonly nodesFreed: readonly string[];
}

const CHAT_3 = 'ModelServing/llm/chat=3';
const CHAT_2 = 'ModelServing/llm/chat=2';
const EMBED_4 = 'Deployment/llm/embed=4';

const EXPECTATIONS: readonly Expectation[] = [
  { scales: [CHAT_3], policy: 'consolidate', victims: ['chat-1'], nodesFreed: ['gpu-1'] },
  { scales: [CHAT_3], policy: 'binpack', victims: ['chat-2'], nodesFreed: [] },
  { scales: [CHAT_3], policy: 'ordinal', victims: ['chat-3'], nodesFreed: [] },
  { scales: [CHAT_2], policy: 'consolidate', victims: ['chat-0', 'chat-1'], nodesFreed: ['gpu-1', 'gpu-2'] },
  { scales: [CHAT_2], policy: 'binpack', victims: ['chat-2', 'chat-3'], nodesFreed: [] },
  { scales: [CHAT_2], policy: 'ordinal', victims: ['chat-2', 'chat-3'], nodesFreed: [] },
  { scales: [EMBED_4], policy: 'consolidate', victims: ['d5xnr', 'jl7vb'], nodesFreed: ['gpu-6'] },
  { scales: [EMBED_4], policy: 'binpack', victims: ['d5xnr', 'jl7vb'], nodesFreed: ['gpu-6'] },
  { scales: [EMBED_4], policy: 'ordinal', victims: ['q9tcp', 'zv6hs'], nodesFreed: [] },
  {
    scales: [CHAT_2, EMBED_4],
    policy: 'consolidate',
    victims: ['chat-0', 'chat-1', 'd5xnr', 'jl7vb'],
    nodesFreed: ['gpu-1', 'gpu-2', 'gpu-6'],
  },
];

for (const { scales, policy, victims, nodesFreed } of EXPECTATIONS) {
  test(`${policy} takes ${victims.join(', ')} for ${scales.join(' and ')} and frees ${nodesFreed.join(', ') || 'nothing'}`, async () => {
    const report = await plan(policy, scales);
    const taken = listAt(report, 'victims').map(
      (victim) => victim.group ?? listTexts(victim, 'pods').join().split('-').at(-1),
    );
    assert.deepEqual(taken.sort(), victims);
    assert.deepEqual(objectAt(report).nodesFreed, nodesFreed);
    assert.equal(objectAt(report).gpusFreed, 8 * nodesFreed.length);
    assert.deepEqual(objectAt(report).warnings, []);
    for (const victim of listAt(report, 'victims')) assert.equal(victim.steered, true);
  });
}
