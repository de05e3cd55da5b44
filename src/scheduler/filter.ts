import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { JsonObject } from '../workloads/core/json.ts';
import { readExtenderArgs, readPodOf } from './extender-args.ts';
import { listOf, type NodeNames, textsOf } from './node-names.ts';
import { BEING_FREED, nodesToAvoid } from './nodes-to-avoid.ts';

/**
 * Answers filter: keeps pods off nodes that a scale-down is freeing, while other nodes fit. The scheduler has done all
 * other filtering already. Nodes that packdown does not know pass, and all do while the fleet is too stale
 * (milliseconds, as Fleet has it).
 *
 * A node that is being freed has failed unresolvably: no eviction would make it stay, so preemption has nothing to do
 * there.
 */
export function filter(body: unknown, snapshot: Snapshot, staleness: number | null): object {
  const { names, objects } = readExtenderArgs(body, snapshot);
  return answer(names, objects, nodesToAvoid(snapshot, staleness));
}

const BEFORE_NAMES = Buffer.from('{"Nodes":null,"NodeNames":');
const AFTER_NAMES = Buffer.from(',"FailedNodes":{},"FailedAndUnresolvableNodes":{},"Error":""}');

/** The same answer, as JSON where all pass, to a call whose names were cut out of it. */
export function filterNames(
  body: unknown,
  names: NodeNames,
  snapshot: Snapshot,
  staleness: number | null,
): object | Buffer {
  readPodOf(body);
  const draining = nodesToAvoid(snapshot, staleness);
  if (draining.size === 0) return Buffer.concat([BEFORE_NAMES, listOf(names), AFTER_NAMES]);
  return answer(textsOf(names), null, draining);
}

function answer(
  names: readonly string[],
  objects: readonly JsonObject[] | null,
  draining: ReadonlySet<string>,
): object {
  const isFailed = names.every((name) => draining.has(name)) ? () => false : (name: string) => draining.has(name);
  const failed = names.filter(isFailed).map((name) => [name, BEING_FREED]);
  const isKept = (name: string | undefined) => name !== undefined && !isFailed(name);
  return {
    Nodes: objects && { metadata: {}, items: objects.filter((_, place) => isKept(names[place])) },
    NodeNames: objects === null ? names.filter(isKept) : null,
    FailedNodes: {},
    FailedAndUnresolvableNodes: Object.fromEntries(failed),
    Error: '',
  };
}
