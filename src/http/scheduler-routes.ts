import { modesOf } from '../admission/rule-settings.ts';
import { binpackWeights, type Config } from '../config/config.ts';
import { costSettings, isExempt } from '../config/modes.ts';
import type { Binder } from '../domain/fleet/binder.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { TargetSetStore } from '../domain/fleet/target-set.ts';
import { bind, type PodToBind } from '../scheduler/bind.ts';
import { filter, filterNames } from '../scheduler/filter.ts';
import { KeptScores } from '../scheduler/kept-scores.ts';
import { cutNodeNames, type NodeNames } from '../scheduler/node-names.ts';
import type { Preferences } from '../scheduler/node-scores.ts';
import { preempt } from '../scheduler/preempt.ts';
import { prioritize, prioritizeNames } from '../scheduler/prioritize.ts';
import { predicate } from '../scheduler/volcano/predicate.ts';
import { prioritizeTask } from '../scheduler/volcano/prioritize.ts';
import { cutSession } from '../scheduler/volcano/session-body.ts';
import { undecided } from '../scheduler/volcano/undecided.ts';
import { bindingCost } from '../workloads/binding-cost.ts';
import type { GangSettings } from '../workloads/torn-gangs.ts';
import { type Route, SCHEDULER_BODY_LIMIT } from './route.ts';

export interface SchedulerRouteOptions {
  readonly fleet: Fleet;
  readonly config: Config;
  readonly targetSet: Pick<TargetSetStore, 'current'>;
  /** Only where callers prove who they are, else null: there is no path to bind at then. */
  readonly binder: Binder | null;
  /** Resolves when what the apiserver has told others should have been told us as well. */
  readonly catchUp: () => Promise<void>;
}

/** What schedulers ask: kube-scheduler as an extender, Volcano in the words of its own plugin. */
export function schedulerRoutes(options: SchedulerRouteOptions): readonly Route[] {
  const { fleet, config, targetSet, binder } = options;
  const weights = binpackWeights(config);
  const scores = new KeptScores(weights);
  const gangs = gangSettings(fleet, config);
  const { warmNodes } = config;
  const preferences = (): Preferences => ({
    ...config.scheduler,
    warmNodes,
    targetSet: targetSet.current()?.nodes ?? NO_NODES,
  });
  return [
    namesRoute(
      '/scheduler/filter',
      (body) => filter(body, fleet.snapshot(), fleet.staleness()),
      (args, names) => filterNames(args, names, fleet.snapshot(), fleet.staleness()),
    ),
    namesRoute(
      '/scheduler/prioritize',
      (body) => prioritize(body, fleet.snapshot(), preferences(), scores),
      (args, names) => prioritizeNames(args, names, fleet.snapshot(), preferences(), scores),
    ),
    route('/scheduler/preempt', (body) => preempt(body, fleet.snapshot(), gangs, fleet.staleness())),
    ...(binder === null ? [] : [bindRoute(options, binder)]),
    route('/volcano/predicate', (body) => predicate(body, fleet.snapshot(), fleet.staleness())),
    {
      ...route('/volcano/prioritize', (body) => prioritizeTask(body, fleet.snapshot(), weights, preferences())),
      cut(body) {
        const json = cutSession(body);
        return json === null ? null : { json, whole: (request) => request };
      },
    },
    ...undecided.map(([verb, answer]) => route(`/volcano/${verb}`, answer)),
  ];
}

const NO_NODES: readonly string[] = [];

/** ExtenderArgs whose names were cut out of them. */
class NamesApart {
  readonly args: unknown;
  readonly names: NodeNames;

  constructor(args: unknown, names: NodeNames) {
    this.args = args;
    this.names = names;
  }
}

/** No scheduler says how long it waits. */
type Handle = (body: unknown) => unknown;

/** Where most bodies are long lists of names, which are cut out: `whole` is for all others. */
function namesRoute(path: string, whole: Handle, apart: (args: unknown, names: NodeNames) => unknown): Route {
  return {
    ...route(path, (body) => (body instanceof NamesApart ? apart(body.args, body.names) : whole(body))),
    cut(body) {
      const cut = cutNodeNames(body);
      return cut && { json: cut.json, whole: (args) => new NamesApart(args, cut.names) };
    },
  };
}

function route(path: string, handle: Handle): Route {
  return { path, bodyLimit: SCHEDULER_BODY_LIMIT, handle };
}

/** A rule that is off for a workload lets preemption break it too, in whatever mode else it is. */
function gangSettings(fleet: Fleet, config: Config): GangSettings {
  return {
    adapterOptions: config.resourceScalingGroup,
    holds(rule, workload) {
      const snapshot = fleet.snapshot();
      return (
        !isExempt(workload.namespace, snapshot, config) && modesOf(workload, snapshot, config).modeOf(rule) !== 'off'
      );
    },
  };
}

/**
 * A stale fleet gives a coarse cost, which does no harm; one that was never read gives none. The scheduler may have
 * heard of a pod a moment before packdown does.
 */
function bindRoute({ fleet, config, catchUp }: SchedulerRouteOptions, binder: Binder): Route {
  const settings = costSettings(config);
  const look = ({ namespace, name, uid }: PodToBind) => {
    const pod = fleet.snapshot().pod(namespace, name);
    return pod?.uid === uid ? pod : undefined;
  };
  const costOn = async (asked: PodToBind, node: string) => {
    if (fleet.staleness() === null) return null;
    const pod = look(asked) ?? (await catchUp().then(() => look(asked)));
    return pod === undefined ? null : bindingCost(pod, node, fleet.snapshot(), settings);
  };
  return route('/scheduler/bind', (body) => bind(body, costOn, binder));
}
