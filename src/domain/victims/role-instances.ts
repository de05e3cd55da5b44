import type { Instance } from '../fleet/instance.ts';
import { replicaSetCost } from './cost-grammar.ts';
import { lowerVictims } from './lower-victims.ts';
import type { Candidate, Pool, SteerableConsumer } from './pool.ts';

/** A RoleInstance has a handful of components at most. */
const MANY_COMPONENTS = 1000;
/** Before any rank that is made of components and readiness. */
const TOLD_TO_GO = -1;

/**
 * The order of RBG's stateless RoleInstanceSet: what it was told to delete (its own label and list, or a hook that
 * holds a deletion up), which it deletes without comparing; then by ActiveInstancesAvailableRank fewer components with
 * a status, not ready, not available, the lower cost, newer. Candidates are its instances that are not on their way
 * out.
 */
export const roleInstances: SteerableConsumer = {
  readsCosts: true,
  firstGoes: 'not ready first, then the lowest cost',
  parse: replicaSetCost,

  rank(candidate, pool) {
    if (candidate.goesFirst === true) return TOLD_TO_GO;
    const instance = instanceOf(candidate);
    const readiness = (instance.ready ? 1 : 0) + (isAvailable(instance, pool) ? 1 : 0);
    return Math.min(instance.components, MANY_COMPONENTS) * 3 + readiness;
  },

  order(pool, costs) {
    const key = (candidate: Candidate) => {
      const instance = instanceOf(candidate);
      return {
        candidate,
        rank: roleInstances.rank(candidate, pool),
        cost: replicaSetCost(costs(instance)),
        created: instance.created,
      };
    };
    return pool.candidates
      .map(key)
      .sort((a, b) => a.rank - b.rank || a.cost - b.cost || b.created - a.created)
      .map(({ candidate }) => candidate);
  },

  victims(pool, wanted, costs) {
    return roleInstances.order(pool, costs).slice(0, Math.max(0, pool.candidates.length - wanted));
  },

  areEqual(a, b, pool) {
    const [one, other] = [instanceOf(a), instanceOf(b)];
    const isAlike = one.created === other.created && replicaSetCost(one.cost) === replicaSetCost(other.cost);
    return isAlike && roleInstances.rank(a, pool) === roleInstances.rank(b, pool);
  },

  encode: (pool, committed, chosen) => lowerVictims(roleInstances, pool, committed, chosen),
};

/** Ready, and for as long as the workload asks. */
function isAvailable({ ready, readySince }: Instance, { request, now }: Pool): boolean {
  const seconds = request.workload.minReadySeconds ?? 0;
  return ready && (seconds === 0 || (readySince !== null && now - readySince >= seconds * 1000));
}

function instanceOf({ name, carrier }: Candidate): Instance {
  if (carrier === undefined) throw new RangeError(`candidate ${name} of a RoleInstanceSet has no RoleInstance`);
  return carrier;
}
