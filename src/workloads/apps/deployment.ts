import { isActive } from '../../domain/fleet/pod.ts';
import { workloadName } from '../../domain/fleet/workload.ts';
import { NOTHING_READ, unforeseen, type WorkloadAdapter } from '../adapter.ts';
import { objectAt } from '../core/json.ts';
import { readFlatWorkload } from './flat-workload.ts';
import { replicaSetPool } from './replica-set.ts';
import { isNewest, rolledOf, siblingsOf } from './rollout.ts';

/**
 * A Deployment deletes nothing itself: it resizes its ReplicaSets, and theirs is the exact count. With one ReplicaSet
 * that has pods, what it will delete is known beforehand; in the middle of a rollout it is not.
 */
export const deployment: WorkloadAdapter = {
  kind: 'Deployment',
  group: 'apps',
  versions: ['v1'],
  resource: 'deployments',
  passesZero: true,
  scalable: true,
  steeredBy: 'costs per pod, when its ReplicaSet is resized',
  readsPodCosts: true,
  read: (object) => readFlatWorkload('Deployment', object),
  template: (object) => objectAt(object, 'spec', 'template'),

  scale(request, snapshot, now) {
    const { workload } = request;
    const withPods = snapshot
      .workloadsOf(workload.uid)
      .filter((owned) => owned.kind === 'ReplicaSet' && snapshot.podsOf(owned.uid).some(isActive));
    const [only] = withPods;
    if (only === undefined) return NOTHING_READ;
    if (withPods.length > 1) {
      const warning = `${workloadName(workload)} is in the middle of a rollout: ${withPods.length} ReplicaSets have pods, and how many each loses is decided when they are resized`;
      return unforeseen(warning);
    }
    return { ...NOTHING_READ, pools: [replicaSetPool(only, request, snapshot, now)] };
  },

  unitsOf: ({ name }) => [name],

  /**
   * With one ReplicaSet that has replicas and none of a later rollout, that one is to have all of them. In a rollout,
   * and when the ReplicaSet was told of another count than the fleet shows, nobody but the controller knows.
   */
  asks(owned, owner, snapshot) {
    const others = siblingsOf(owned, owner.uid, snapshot);
    const isOnly = others.every(({ replicas }) => replicas === 0) && isNewest(owned, others);
    const told = rolledOf(owned)?.desired ?? `${owner.replicas}`;
    return isOnly && told === `${owner.replicas}` ? { replicas: owner.replicas, roles: new Map() } : null;
  },

  defers: () => 'its pods are chosen when the Deployment controller resizes its ReplicaSet',
};
