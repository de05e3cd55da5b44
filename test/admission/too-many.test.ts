import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { adapters } from '../../src/workloads/registry.ts';
import { objectOf } from '../builders/objects.ts';
import { review } from '../builders/review.ts';
import { webhook } from './webhook.ts';

const roles = (count: number, rest = {}) =>
  Array.from({ length: count }, (_, n) => ({ name: `r${n}`, replicas: 1, ...rest }));
const names = (count: number) => roles(count).map(({ name }) => name);

/** Where each kind has its roles, and what it calls that. */
const KINDS: readonly [kind: string, spec: (some: readonly object[]) => object, where: string][] = [
  ['ModelServing', (some) => ({ template: { roles: some } }), 'template.roles'],
  ['RoleBasedGroup', (some) => ({ roles: some }), 'roles'],
  ['RoleBasedGroupSet', (some) => ({ groupTemplate: { spec: { roles: some } } }), 'roles'],
  ['DisaggregatedSet', (some) => ({ roles: some }), 'spec.roles'],
  ['PodCliqueSet', (some) => ({ template: { cliques: some } }), 'cliques'],
];

/** The answer to an update of an object of a kind to this spec. */
async function answerTo(kind: string, spec: object): Promise<{ allowed: unknown; warnings: readonly string[] }> {
  const adapter = adapters.find((candidate) => candidate.kind === kind);
  assert.ok(adapter);
  const { group, versions, resource } = adapter;
  const object = (next: object) => objectOf(`${group}/${versions.at(-1)}`, kind, 'chat', { spec: next });
  const body = review({
    operation: 'UPDATE',
    resource: { group, version: versions.at(-1), resource },
    namespace: 'llm',
    name: 'chat',
    oldObject: object({}),
    object: object(spec),
  });
  const { allowed, warnings } = objectAt(await webhook().validate(body), 'response');
  return { allowed, warnings: listTexts({ warnings }, 'warnings') };
}

const unjudged = (where: string) =>
  `packdown could not judge this, and allowed it: ${where} holds 101 roles; packdown looks at 100 at most`;

describe('more roles than rules can compare with each other', () => {
  for (const [kind, spec, where] of KINDS) {
    it(`are let through unjudged in a ${kind}, and no more roles than these`, async () => {
      assert.deepEqual(await answerTo(kind, spec(roles(101))), { allowed: true, warnings: [unjudged(where)] });
      const { warnings } = await answerTo(kind, spec(roles(100)));
      assert.deepEqual(
        warnings.filter((warning) => warning.includes('could not judge')),
        [],
      );
    });
  }

  it('are let through as what one role depends on', async () => {
    const spec = { roles: roles(1, { dependencies: names(101) }) };
    assert.deepEqual(await answerTo('RoleBasedGroup', spec), { allowed: true, warnings: [unjudged('dependencies')] });
  });
});
