import { CodedError } from '../domain/coded-error.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadName } from '../domain/fleet/workload.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';

const EXPRESSION = /^([^/]+)\/([^/]+)\/([^/:=]+)(?::([^=]+))?=(\d+)$/;

/**
 * Reads `KIND/NAMESPACE/NAME[:ROLE]=REPLICAS` against the fleet; the kind in any case, with `.group` where two would
 * collide. Throws CodedError `InvalidScale` for a wrong expression, `NotFound` for what the fleet does not hold.
 */
export function readScaleExpression(text: string, snapshot: Snapshot): ScaleRequest {
  const [, kind, namespace, name, role, count] = EXPRESSION.exec(text) ?? [];
  if (kind === undefined || namespace === undefined || name === undefined) {
    throw new CodedError(
      'InvalidScale',
      `--scale ${text} is not KIND/NAMESPACE/NAME[:ROLE]=REPLICAS, e.g. ModelServing/llm/chat=3`,
    );
  }
  const workload = findWorkload(kind, namespace, name, snapshot);
  const to = Number(count);
  if (role === undefined) return { workload: { ...workload, replicas: to }, role: null, from: workload.replicas, to };
  const current = workload.roles.find((candidate) => candidate.name === role);
  if (current === undefined) {
    const known = workload.roles.map((candidate) => candidate.name).join(', ') || 'none';
    throw new CodedError('NotFound', `${workloadName(workload)} has no role ${role}; its roles: ${known}`);
  }
  const roles = workload.roles.map((candidate) => (candidate === current ? { ...candidate, replicas: to } : candidate));
  return { workload: { ...workload, roles }, role, from: current.replicas, to };
}

/** The workload that a user names by kind (any case, `.group` where needed), namespace and name. */
export function findWorkload(kind: string, namespace: string, name: string, snapshot: Snapshot): Workload {
  const wanted = kind.toLowerCase();
  const matches = [...snapshot.workloads()].filter(
    (workload) =>
      workload.namespace === namespace &&
      workload.name === name &&
      (workload.kind.toLowerCase() === wanted || `${workload.kind}.${workload.group}`.toLowerCase() === wanted),
  );
  const [only] = matches;
  if (only === undefined) throw new CodedError('NotFound', `${kind}/${namespace}/${name} is not in the fleet`);
  if (matches.length > 1) {
    const kinds = matches.map((workload) => `${workload.kind}.${workload.group}`).join(' or ');
    throw new CodedError('AmbiguousKind', `${kind}/${namespace}/${name} could be several kinds; say ${kinds}`);
  }
  return only;
}
