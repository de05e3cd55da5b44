import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { type Role, type Workload, workloadName } from '../../domain/fleet/workload.ts';
import { NOTHING_ASKED } from '../../domain/ordering/facts.ts';
import type { Pool, ScaleRequest } from '../../domain/victims/pool.ts';
import { type Reading, together, type WorkloadAdapter } from '../adapter.ts';
import { readIdentity } from '../core/identity.ts';
import { countOr, type JsonObject, listAt, listTexts, objectAt, textOf } from '../core/json.ts';
import { rolesAt } from '../core/roles.ts';
import { gangsOf } from './gangs.ts';
import { groupName, PART_OF, SET_REPLICA } from './names.ts';
import { podClique } from './pod-clique.ts';
import { podCliqueScalingGroup } from './pod-clique-scaling-group.ts';
import { scaleReplicas } from './replicas.ts';

const KEPT = 'existing PodCliques and PodCliqueScalingGroups keep their counts; scale them instead';

/** Grove's PodCliqueSet: replicas of a set of PodCliques and of PodCliqueScalingGroups, which are its roles here. */
export const podCliqueSet: WorkloadAdapter = {
  kind: 'PodCliqueSet',
  group: 'grove.io',
  versions: ['v1alpha1'],
  resource: 'podcliquesets',
  scalable: true,
  steeredBy: 'nothing: the highest replica goes',
  readsPodCosts: false,

  read: (object) => ({
    ...readIdentity(podCliqueSet, object),
    replicas: countOr(objectAt(object, 'spec').replicas, 0),
    roles: readRoles(objectAt(object, 'spec', 'template')),
    // Its generation is a hash of the cliques in their order; scaling groups are told by their names.
    roleOrder: listAt(object, 'spec', 'template', 'cliques').map(({ name }) => textOf(name) ?? ''),
  }),

  /** What its generation is a hash of: the pod templates of its cliques. */
  template(object) {
    const { priorityClassName } = objectAt(object, 'spec', 'template');
    const cliques = listAt(object, 'spec', 'template', 'cliques');
    const templates = cliques.map(({ labels, annotations, spec }) => [labels, annotations, objectAt(spec).podSpec]);
    return { templates, priorityClassName };
  },

  scale(request, snapshot, now) {
    return request.role === null
      ? scaleReplicas(request, snapshot, now)
      : scaleRole(request, request.role, snapshot, now);
  },

  /** Grove sets counts only when it creates, and leaves them to autoscalers from then on. */
  asks: () => NOTHING_ASKED,
  rolesAreTemplates: true,

  defers: (old, next) => (old.replicas === next.replicas ? KEPT : null),
  gangs: gangsOf,
  unitsOf: (pod) => [groupName(pod, PART_OF, SET_REPLICA)],
};

/** A clique of a scaling group is counted there: the group's minimum is what the set's gang needs. */
function readRoles(template: JsonObject): readonly Role[] {
  const groups = rolesAt(template, 'podCliqueScalingGroups');
  const grouped = new Set(groups.flatMap((group) => listTexts(group, 'cliqueNames')));
  const cliques = rolesAt(template, 'cliques').filter(({ name }) => !grouped.has(textOf(name) ?? ''));
  const role = (name: unknown, replicas: number, gangMinimum: number): Role => {
    return { name: textOf(name) ?? '', replicas, workers: 0, gangMinimum, partition: null, dependencies: [] };
  };
  return [
    ...cliques.map((clique) => {
      const spec = objectAt(clique, 'spec');
      const replicas = countOr(spec.replicas, 1);
      return role(clique.name, replicas, countOr(spec.minAvailable, replicas));
    }),
    ...groups.map(({ name, replicas, minAvailable }) => role(name, countOr(replicas, 1), countOr(minAvailable, 1))),
  ];
}

/**
 * Every replica of the set has a PodClique or a PodCliqueScalingGroup of its own for the role, which got its count when
 * it was created: another one in the set changes none of them.
 */
function scaleRole(request: ScaleRequest, role: string, snapshot: Snapshot, now: number): Reading {
  const { workload, from, to } = request;
  const { uid, name } = workload;
  const belongs = (child: Workload) =>
    child.name.startsWith(`${name}-`) && roleOf(child.name.slice(name.length)) === role;
  const children = snapshot.workloadsOf(uid).filter(belongs);
  const readings = children.map((child) => {
    const adapter = child.kind === podClique.kind ? podClique : podCliqueScalingGroup;
    const { replicas } = child;
    const reading = adapter.scale({ role: null, workload: child, from: replicas, to: replicas }, snapshot, now);
    const group = child.name.slice(0, -`-${role}`.length);
    const within = (pool: Pool) => pool.candidates.map((candidate) => ({ ...candidate, group }));
    return { ...reading, pools: reading.pools.map((pool) => ({ ...pool, request, candidates: within(pool) })) };
  });
  return {
    ...together(readings),
    warnings: from === to ? [] : [`role ${role} of ${workloadName(workload)} counts only what is created: ${KEPT}`],
  };
}

/** `decode` of `-0-decode`: what follows the replica in a child's name. */
function roleOf(suffix: string): string {
  return suffix.replace(/^-\d+-/, '');
}
