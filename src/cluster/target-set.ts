import { createHash } from 'node:crypto';
import { CodedError } from '../domain/coded-error.ts';
import type { TargetSet } from '../domain/fleet/target-set.ts';
import { parseObject } from '../workloads/core/json.ts';

const MOST_NODES = 5000;
/** Bytes of names; a ConfigMap holds 1 MiB. */
const MOST_BYTES = 256 * 1024;

/** The target set of these nodes, repetitions and what is beyond the bounds left out at the end. */
export function targetSetOf(names: readonly string[]): TargetSet {
  const nodes: string[] = [];
  let bytes = 0;
  for (const name of new Set(names)) {
    bytes += Buffer.byteLength(name);
    if (nodes.length === MOST_NODES || bytes > MOST_BYTES) break;
    nodes.push(name);
  }
  const digest = createHash('sha256').update(JSON.stringify(nodes)).digest('hex');
  return { version: digest.slice(0, 12), nodes };
}

/** As it is published; the version follows from the nodes, so it is left out. */
export function formatTargetSet({ nodes }: TargetSet): string {
  return JSON.stringify({ nodes });
}

/** Reads what `formatTargetSet` writes. Throws CodedError `MalformedTargetSet`. */
export function parseTargetSet(text: string): TargetSet {
  const document = parseObject(text);
  if (document === null) throw malformed('it is no JSON object');
  const { nodes } = document;
  if (Array.isArray(nodes) && nodes.every((name) => typeof name === 'string')) return targetSetOf(nodes);
  throw malformed('its nodes are no list of names');
}

function malformed(what: string): CodedError {
  return new CodedError(
    'MalformedTargetSet',
    `the target set cannot be read: ${what}; delete it, and the leader makes it anew`,
  );
}
