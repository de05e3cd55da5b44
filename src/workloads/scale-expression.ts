import { CodedError } from '../domain/coded-error.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadId, workloadName } from '../domain/fleet/workload.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';
import { adapterOf, adapters } from './registry.ts';
import { scalersOf } from './scalers.ts';

const EXPRESSION = /^([^/]+)\/([^/]+)\/([^/:=]+)(?::([^=]+))?=(\d+)$/;

/** No API holds a larger count. */
const LARGEST = 2 ** 31 - 1;

/**
 * Reads the expressions that are to be planned together. Throws what readScaleExpression does, and CodedError
 * `WrongUsage` where two of them could take the same pods: a count that is named twice, or groups and replicas inside
 * them at once.
 */
export function readScaleExpressions(texts: readonly string[], snapshot: Snapshot): readonly ScaleRequest[] {
  const requests = texts.map((text) => readScaleExpression(text, snapshot));
  const roles = new Map<string, Set<string | null>>();
  for (const { workload, role } of requests) {
    const id = workloadId(workload);
    const before = roles.get(id) ?? new Set();
    const name = workloadName(workload);
    if (before.has(role)) {
      const count = role === null ? name : `${name}:${role}`;
      throw new CodedError('WrongUsage', `${count} is to be scaled to two counts at once: name it once`);
    }
    if (before.size > 0 && (role === null || before.has(null))) {
      const problem = `groups of ${name} and one of its roles cannot be planned at once`;
      throw new CodedError('WrongUsage', `${problem}: plan the groups first, then the role`);
    }
    roles.set(id, before.add(role));
  }
  return requests;
}

/**
 * Reads `KIND/NAMESPACE/NAME[:ROLE]=REPLICAS` against the fleet; the kind in any case, with `.group` where two would
 * collide. Throws CodedError `InvalidScale` for a wrong expression, `NotFound` for what the fleet does not hold,
 * `WrongUsage` for a count that the workload does not have itself.
 */
function readScaleExpression(text: string, snapshot: Snapshot): ScaleRequest {
  const [, kind, namespace, name, role, count] = EXPRESSION.exec(text) ?? [];
  if (kind === undefined || namespace === undefined || name === undefined || Number(count) > LARGEST) {
    throw new CodedError(
      'InvalidScale',
      `scale ${text} is not KIND/NAMESPACE/NAME[:ROLE]=REPLICAS, e.g. ModelServing/llm/chat=3`,
    );
  }
  const workload = findWorkload(kind, namespace, name, snapshot);
  const to = Number(count);
  if (role === undefined && adapterOf(workload).isOneGroup) {
    const problem = `${workloadName(workload)} has no count of its own: name one of its roles as in ${name}:ROLE=${count}`;
    throw new CodedError('WrongUsage', `${problem}; its roles: ${roleNames(workload)}`);
  }
  if (role === undefined) return { workload: { ...workload, replicas: to }, role: null, from: workload.replicas, to };
  const current = workload.roles.find((candidate) => candidate.name === role);
  if (current === undefined) throw unknownRole(workload, role, snapshot);
  const roles = workload.roles.map((candidate) => (candidate === current ? { ...candidate, replicas: to } : candidate));
  return { workload: { ...workload, roles }, role, from: current.replicas, to };
}

function unknownRole(workload: Workload, role: string, snapshot: Snapshot): CodedError {
  const name = workloadName(workload);
  const scaler = scalersOf(workload, snapshot).get(role);
  return scaler === undefined
    ? new CodedError('NotFound', `${name} has no role ${role}; its roles: ${roleNames(workload)}`)
    : new CodedError('WrongUsage', `role ${role} of ${name} is counted by ${workloadName(scaler)}: name that`);
}

function roleNames({ roles }: Workload): string {
  return roles.map(({ name }) => name).join(', ') || 'none';
}

/** The workload that a user names by kind (any case, `.group` where needed), namespace and name. */
export function findWorkload(kind: string, namespace: string, name: string, snapshot: Snapshot): Workload {
  const wanted = kind.toLowerCase();
  const isWanted = (known: { readonly kind: string; readonly group: string }) =>
    known.kind.toLowerCase() === wanted || `${known.kind}.${known.group}`.toLowerCase() === wanted;
  if (!adapters.some(isWanted)) {
    const kinds = [...new Set(adapters.map((adapter) => adapter.kind))].join(', ');
    throw new CodedError('NotFound', `packdown knows no kind ${kind} of workloads, but ${kinds}`);
  }
  const matches = [...snapshot.workloads()].filter(
    (workload) => workload.namespace === namespace && workload.name === name && isWanted(workload),
  );
  const [only] = matches;
  if (only === undefined) throw new CodedError('NotFound', `${kind}/${namespace}/${name} is not in the fleet`);
  if (matches.length > 1) {
    const kinds = matches.map((workload) => `${workload.kind}.${workload.group}`).join(' or ');
    throw new CodedError('AmbiguousKind', `${kind}/${namespace}/${name} could be several kinds; say ${kinds}`);
  }
  return only;
}
