import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadFleet } from '../../src/cluster/embedded/load-fleet.ts';
import type { Role } from '../../src/domain/fleet/workload.ts';
import { listAt, objectAt } from '../../src/workloads/core/json.ts';
import { documents, MANIFESTS, nameOf } from './kustomize.ts';

const FOLDER = join(MANIFESTS, 'examples/kthena');

interface Shape {
  readonly replicas: number;
  readonly roles: readonly Role[];
}

const role = (name: string, replicas: number, workers: number, gangMinimum: number | null = null): Role => ({
  name,
  replicas,
  workers,
  gangMinimum,
  partition: null,
  dependencies: [],
});

const SHAPES: Readonly<Record<string, Shape>> = {
  gang: { replicas: 1, roles: [role('prefill', 2, 1, 2), role('decode', 2, 1, 1)] },
  'gpu-pair': { replicas: 1, roles: [role('prefill', 1, 0), role('decode', 1, 0)] },
  pair: { replicas: 1, roles: [role('prefill', 1, 3), role('decode', 1, 3)] },
  'rollout-by-group': { replicas: 4, roles: [role('prefill', 1, 1), role('decode', 1, 1)] },
  'rollout-by-role': { replicas: 2, roles: [role('prefill', 1, 1), role('decode', 1, 1)] },
  'two-nodes': { replicas: 1, roles: [role('large', 2, 1, 1)] },
};

test('the folder holds the examples that are described here, one a file, named as the file', () => {
  const files = readdirSync(FOLDER).sort();
  assert.deepEqual(
    files,
    Object.keys(SHAPES).map((name) => `${name}.yaml`),
  );
  for (const file of files) {
    assert.deepEqual(documents(join(FOLDER, file)).map(nameOf), [file.replace('.yaml', '')]);
  }
});

for (const [name, shape] of Object.entries(SHAPES)) {
  const file = join(FOLDER, `${name}.yaml`);

  test(`${name} loads as a fleet, with its roles, workers and gang`, () => {
    const [workload, ...others] = loadFleet(readFileSync(file, 'utf8'), file).workloads();
    assert.deepEqual(others, []);
    assert.deepEqual({ replicas: workload?.replicas, roles: workload?.roles }, shape);
  });

  test(`Kthena would accept ${name}`, () => {
    const spec = objectAt(documents(file)[0], 'spec');
    const roles = listAt(spec, 'template', 'roles');
    const minimums = objectAt(spec, 'template', 'gangPolicy', 'minRoleReplicas');
    assert.ok(roles.length >= 1 && roles.length <= 4);
    for (const { name: roleName, replicas, workerReplicas, entryTemplate, workerTemplate } of roles) {
      assert.ok(String(roleName).length <= 12);
      assert.ok(Number(minimums[String(roleName)] ?? 0) <= Number(replicas));
      assert.equal(workerTemplate !== undefined, Number(workerReplicas) > 0);
      assert.ok(listAt(entryTemplate, 'spec', 'containers').length > 0);
    }
    const { type, rollingUpdateConfiguration } = objectAt(spec, 'rolloutStrategy');
    if (type === 'RoleRollingUpdate') assert.equal(rollingUpdateConfiguration, undefined);
  });
}

test('the rollouts differ in what they go by', () => {
  const rollout = (name: string) => objectAt(documents(join(FOLDER, `${name}.yaml`))[0], 'spec', 'rolloutStrategy');
  assert.deepEqual(rollout('rollout-by-group'), {
    type: 'ServingGroupRollingUpdate',
    rollingUpdateConfiguration: { maxUnavailable: 2 },
  });
  assert.deepEqual(rollout('rollout-by-role'), { type: 'RoleRollingUpdate' });
});
