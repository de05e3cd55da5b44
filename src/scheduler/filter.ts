import { isSilent } from '../domain/fleet/silence.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { drainingNodes } from '../workloads/draining.ts';
import { readExtenderArgs } from './extender-args.ts';

const DRAINING = 'packdown: a scale-down is freeing this node';

/**
 * Answers filter: keeps pods off nodes that a scale-down is freeing, while other nodes fit. The scheduler has done all
 * other filtering already. Nodes that packdown does not know pass, and all do while the fleet is too stale (milliseconds,
 * as Fleet has it): what it is freeing may be free by now.
 *
 * A node that is being freed has failed unresolvably: no eviction would make it stay, so preemption has nothing to do there.
 */
export function filter(body: unknown, snapshot: Snapshot, staleness: number | null = 0): object {
  const { names, objects } = readExtenderArgs(body, snapshot);
  const draining = isSilent(staleness) ? new Set<string>() : drainingNodes(snapshot);
  const isFailed = names.every((name) => draining.has(name)) ? () => false : (name: string) => draining.has(name);
  const failed = names.filter(isFailed).map((name) => [name, DRAINING]);
  const isKept = (name: string | undefined) => name !== undefined && !isFailed(name);
  return {
    Nodes: objects && { metadata: {}, items: objects.filter((_, place) => isKept(names[place])) },
    NodeNames: objects === null ? names.filter(isKept) : null,
    FailedNodes: {},
    FailedAndUnresolvableNodes: Object.fromEntries(failed),
    Error: '',
  };
}
