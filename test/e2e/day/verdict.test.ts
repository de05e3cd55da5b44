import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '../control-plane/audit.ts';
import { label } from '../kthena-double/model-serving.ts';
import { VICTIMS } from '../steering/verdicts.ts';
import { holding, type PodLife } from './pod-lives.ts';
import { judgeDay } from './verdict.ts';

const at = (second: number) => Date.UTC(2026, 0, 1, 0, 0, second);

/** A pod of this name from one second to another; null for one that is still there. */
function life(name: string, from: number, to: number | null, labels: Record<string, string> = {}): PodLife {
  const [bornAt, goneAt] = [at(from), to === null ? null : at(to)];
  return { uid: `${name}-${from}`, name, labels, gpus: 1, bornAt, node: 'node-0', boundAt: bornAt, goneAt };
}

/** An admission at that second in which packdown chose these. */
function admission(second: number, victims: string, code = 200, requestURI = '/apis/apps/v1/x/scale'): AuditEntry {
  const timestamp = new Date(at(second)).toISOString();
  return {
    verb: 'update',
    user: { username: 'hpa' },
    requestURI,
    responseStatus: { code },
    annotations: { [VICTIMS]: victims },
    requestReceivedTimestamp: timestamp,
    stageTimestamp: timestamp,
  };
}

test('pods that were chosen and went are as planned', () => {
  const lives = [life('web-a', 0, 6), life('web-b', 0, 7), life('web-c', 0, null)];
  const verdict = judgeDay([admission(5, 'web-a,web-b')], lives);
  assert.deepEqual(verdict, { scaleDowns: 1, planned: 2, gone: 2, unplanned: [], spared: [] });
});

test('a pod that went in place of the one that was chosen is told, and so is that one', () => {
  const { unplanned, spared } = judgeDay([admission(5, 'web-a')], [life('web-a', 0, null), life('web-b', 0, 6)]);
  assert.deepEqual({ unplanned, spared }, { unplanned: ['web-b'], spared: ['web-a'] });
});

test('a group is all its pods, and one that is made anew by the same name is another', () => {
  const group = { [label.group]: 'chat-1' };
  const lives = [life('chat-1-p-0', 0, 6, group), life('chat-1-d-0', 0, 7, group), life('chat-1-p-0', 9, 12, group)];
  const { planned, unplanned } = judgeDay([admission(5, 'chat-1')], lives);
  assert.deepEqual({ planned, unplanned }, { planned: 2, unplanned: ['chat-1-p-0'] });
});

test('a group of a LeaderWorkerSet goes by its name and index', () => {
  const group = { 'leaderworkerset.sigs.k8s.io/name': 'large', 'leaderworkerset.sigs.k8s.io/group-index': '2' };
  const { planned, unplanned } = judgeDay([admission(5, 'large-2')], [life('large-2-1', 0, 6, group)]);
  assert.deepEqual({ planned, unplanned }, { planned: 1, unplanned: [] });
});

test('what was chosen for a request that failed, or for a dry run, does not count', () => {
  const audit = [admission(5, 'web-a', 409), admission(5, 'web-a', 200, '/scale?dryRun=All')];
  const { scaleDowns, unplanned } = judgeDay(audit, [life('web-a', 0, 6)]);
  assert.deepEqual({ scaleDowns, unplanned }, { scaleDowns: 0, unplanned: ['web-a'] });
});

test('a pod holds its node from when it is bound until it is gone', () => {
  const pod = life('web-a', 2, 6);
  const times = [1, 2, 5, 6].map((second) => holding([pod], at(second)).length);
  assert.deepEqual(times, [0, 1, 1, 0]);
});
