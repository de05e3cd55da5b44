import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { type JsonObject, listAt, listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { documents, listedFiles, MANIFESTS } from '../manifests/kustomize.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools } from './control-plane/tools.ts';
import { readUsedRights, type UsedRight } from './control-plane/used-rights.ts';

const found = await findTools();
const used = await readUsedRights();
const unknown = used === null && 'E2E_USED_RIGHTS is not set: npm run test:e2e sets it';

suite("packdown's rights, after all other tests", { skip: skipWithout('controllers', found) || unknown }, () => {
  test('nothing that it asked for was denied', () => {
    assert.deepEqual(
      (used ?? []).filter(({ allowed }) => !allowed),
      [],
    );
  });

  test('each of them was used', () => {
    const all = new Set((used ?? []).map(asText));
    assert.deepEqual(
      grants().filter((grant) => !all.has(grant)),
      [],
    );
  });
});

const asText = ({ verb, resource, name }: Omit<UsedRight, 'allowed'>) =>
  `${verb} ${resource}${name === null ? '' : ` ${name}`}`;

/** What the roles of the base and of every component allow packdown's account, as requests. */
function grants(): string[] {
  const folders = ['base', ...readdirSync(join(MANIFESTS, 'components')).map((name) => join('components', name))];
  const objects = folders.flatMap((folder) => listedFiles(join(MANIFESTS, folder))).flatMap(documents);
  const bound = objects
    .filter(({ kind }) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding')
    .filter((binding) => listAt(binding, 'subjects').some(({ name }) => name === 'packdown'))
    .map((binding) => objectAt(binding, 'roleRef'));
  const isBound = ({ kind, metadata }: JsonObject) =>
    bound.some((role) => role.kind === kind && role.name === objectAt({ metadata }, 'metadata').name);
  return objects.filter(isBound).flatMap((role) => listAt(role, 'rules').flatMap(requests));
}

function requests(rule: JsonObject): string[] {
  const named = listTexts(rule, 'resourceNames');
  return listTexts(rule, 'apiGroups').flatMap((group) =>
    listTexts(rule, 'resources').flatMap((resource) =>
      listTexts(rule, 'verbs').flatMap((verb) =>
        (named.length === 0 ? [null] : named).map((name) => asText({ verb, resource: `${group}/${resource}`, name })),
      ),
    ),
  );
}
