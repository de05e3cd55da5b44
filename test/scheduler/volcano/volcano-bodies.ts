import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type JsonObject, listAt, objectAt } from '../../../src/workloads/core/json.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'fixtures', 'volcano');

/** What vc-scheduler has sent for a verb. */
export function recorded(verb: string): JsonObject {
  const body: unknown = JSON.parse(readFileSync(join(FOLDER, `${verb}.json`), 'utf8'));
  if (!isObject(body)) throw new Error(`${verb}.json holds no object`);
  return body;
}

/** The recorded request with the task's pod, or the task itself, changed. */
export function askedFor(verb: string, { task = {}, metadata = {}, spec = {} }: Readonly<Record<string, object>> = {}) {
  const body = recorded(verb);
  const known = objectAt(body, 'task');
  const pod = objectAt(known, 'Pod');
  const changed = {
    ...pod,
    metadata: { ...objectAt(pod, 'metadata'), ...metadata },
    spec: { ...objectAt(pod, 'spec'), ...spec },
  };
  return { ...body, task: { ...known, Pod: changed, ...task } };
}

/** The recorded nodes: n1 has 8 CPUs, 64Gi and 2 GPUs in use, the others nothing. */
export function recordedNodes(): readonly JsonObject[] {
  return listAt(recorded('prioritize'), 'nodes');
}
