import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costPatch } from '../../../src/cluster/live/cost-patch.ts';
import { COST_OWNER, POD_DELETION_COST, VICTIM } from '../../../src/domain/fleet/annotations.ts';
import { readPod } from '../../../src/workloads/core/pod.ts';
import { podObject } from '../pod-object.ts';

const NOW = Date.parse('2026-01-02T03:04:05.000Z');
const UID = '{"op":"test","path":"/metadata/uid","value":"uid-of-a"}';
const COST = '/metadata/annotations/controller.kubernetes.io~1pod-deletion-cost';
const OWNER = '/metadata/annotations/packdown.io~1cost-owner';
const MARK = '/metadata/annotations/packdown.io~1victim';

function patchOf(annotations: Record<string, string> | undefined, to: string, victim: string | null): string {
  const pod = readPod(podObject('a', annotations));
  return JSON.stringify(costPatch({ carrier: pod, to, victim }, annotations !== undefined, NOW));
}

function removalOf(annotations: Record<string, string>): string {
  const pod = readPod(podObject('a', annotations));
  return JSON.stringify(costPatch({ carrier: pod, to: null, victim: null }, true, NOW));
}

test('a pod without any annotation gets the whole map, provided there is still none', () => {
  assert.equal(
    patchOf(undefined, '57', null),
    `[${UID},{"op":"test","path":"/metadata/annotations","value":null},` +
      `{"op":"add","path":"/metadata/annotations","value":` +
      `{"controller.kubernetes.io/pod-deletion-cost":"57","packdown.io/cost-owner":"57"}}]`,
  );
});

test('a victim without any annotation gets its mark in the same map', () => {
  assert.equal(
    patchOf(undefined, '0', 'ms-1'),
    `[${UID},{"op":"test","path":"/metadata/annotations","value":null},` +
      `{"op":"add","path":"/metadata/annotations","value":{"controller.kubernetes.io/pod-deletion-cost":"0",` +
      `"packdown.io/cost-owner":"0","packdown.io/victim":"ms-1@2026-01-02T03:04:05.000Z"}}]`,
  );
});

test("a pod with other people's annotations gets ours beside them, provided ours are still absent", () => {
  assert.equal(
    patchOf({ 'example.com/team': 'blue' }, '57', null),
    `[${UID},{"op":"test","path":"${COST}","value":null},{"op":"test","path":"${OWNER}","value":null},` +
      `{"op":"add","path":"${COST}","value":"57"},{"op":"add","path":"${OWNER}","value":"57"}]`,
  );
});

test('our own earlier cost is replaced, provided cost and record are still what we wrote', () => {
  assert.equal(
    patchOf({ [POD_DELETION_COST]: '41', [COST_OWNER]: '41' }, '0', 'ms-1/decode-0'),
    `[${UID},{"op":"test","path":"${COST}","value":"41"},{"op":"test","path":"${OWNER}","value":"41"},` +
      `{"op":"add","path":"${COST}","value":"0"},{"op":"add","path":"${OWNER}","value":"0"},` +
      `{"op":"add","path":"${MARK}","value":"ms-1/decode-0@2026-01-02T03:04:05.000Z"}]`,
  );
});

test('a mark that is there is removed with the cost of a survivor', () => {
  assert.equal(
    patchOf({ [POD_DELETION_COST]: '0', [COST_OWNER]: '0', [VICTIM]: 'a@2026-01-01T00:00:00.000Z' }, '57', null),
    `[${UID},{"op":"test","path":"${COST}","value":"0"},{"op":"test","path":"${OWNER}","value":"0"},` +
      `{"op":"add","path":"${COST}","value":"57"},{"op":"add","path":"${OWNER}","value":"57"},` +
      `{"op":"remove","path":"${MARK}"}]`,
  );
});

test('everything of ours goes in one patch, provided it is as it was', () => {
  assert.equal(
    removalOf({
      'controller.kubernetes.io/pod-deletion-cost': '0',
      'packdown.io/cost-owner': '0',
      'packdown.io/victim': 'ms-1@2026-01-02T03:04:05.000Z',
    }),
    `[${UID},{"op":"test","path":"${COST}","value":"0"},{"op":"test","path":"${OWNER}","value":"0"},` +
      `{"op":"remove","path":"${COST}"},{"op":"remove","path":"${OWNER}"},{"op":"remove","path":"${MARK}"}]`,
  );
});

test("our record goes and somebody else's cost stays", () => {
  assert.equal(
    removalOf({ 'controller.kubernetes.io/pod-deletion-cost': '7', 'packdown.io/cost-owner': '0' }),
    `[${UID},{"op":"test","path":"${COST}","value":"7"},{"op":"test","path":"${OWNER}","value":"0"},` +
      `{"op":"remove","path":"${OWNER}"}]`,
  );
});
