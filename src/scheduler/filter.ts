import { isSilent } from '../domain/fleet/silence.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { drainingNodes } from '../workloads/draining.ts';
import { type AskedNode, readExtenderArgs } from './extender-args.ts';

const DRAINING = 'packdown: a scale-down is freeing this node';

/**
 * Answers filter: keeps pods off nodes that a scale-down is freeing, while other nodes fit. The scheduler has done all
 * other filtering already. Nodes that packdown does not know pass, and all do while the fleet is too stale (milliseconds,
 * as Fleet has it): what it is freeing may be free by now.
 *
 * A node that is being freed has failed unresolvably: no eviction would make it stay, so preemption has nothing to do there.
 */
export function filter(body: unknown, snapshot: Snapshot, staleness: number | null = 0): object {
  const { nodes, byName } = readExtenderArgs(body, snapshot);
  const freed = isSilent(staleness) ? new Set() : drainingNodes(snapshot);
  const draining = new Set(nodes.filter(({ name }) => freed.has(name)));
  const isKept = draining.size === nodes.length ? () => true : (node: AskedNode) => !draining.has(node);
  const kept = nodes.filter(isKept);
  const failed = nodes.filter((node) => !isKept(node)).map(({ name }) => [name, DRAINING]);
  return {
    Nodes: byName ? null : { metadata: {}, items: kept.map(({ object }) => object) },
    NodeNames: byName ? kept.map(({ name }) => name) : null,
    FailedNodes: {},
    FailedAndUnresolvableNodes: Object.fromEntries(failed),
    Error: '',
  };
}
