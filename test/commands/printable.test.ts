import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectOf, podObject } from '../builders/objects.ts';
import { run, temporaryFile } from './run-in-process.ts';

const ESCAPE = String.fromCharCode(27);
/** Clears the screen, and passes for a line of ours. */
const HOSTILE = `${ESCAPE}[2J\nNodes freed: all`;
const written = '\\u001b[2J\\u000aNodes freed: all';

const web = objectOf('apps/v1', 'ReplicaSet', 'web', {
  annotations: { 'packdown.io/policy': HOSTILE },
  spec: { replicas: 2 },
});
const pods = ['a', 'b'].map((name) => podObject(name, { owner: web, node: 'n1' }));
const [first] = pods;
const costly = {
  ...first,
  metadata: { ...first?.metadata, annotations: { 'controller.kubernetes.io/pod-deletion-cost': HOSTILE } },
};

const COMMANDS: readonly (readonly string[])[] = [
  ['plan', '--scale', 'ReplicaSet/llm/web=1'],
  ['explain', 'ReplicaSet/llm/web'],
  ['explain', 'llm/a'],
  ['explain', `llm/${HOSTILE}`],
];

for (const argv of COMMANDS) {
  test(`what somebody has written is no command to the terminal: ${JSON.stringify(argv)}`, async (t) => {
    const items = [web, costly, ...pods.slice(1)];
    const fleet = await temporaryFile(t, 'fleet.json', { kind: 'List', apiVersion: 'v1', items });
    const { stdout, stderr } = await run([...argv, '--fleet', fleet]);
    const said = [...stdout, ...stderr].join('\n');
    assert.ok(!said.includes(ESCAPE));
    assert.ok(said.includes('\\u001b[2J'));
    if (stderr.length === 0) assert.ok(said.includes(written));
  });
}
