import {
  addResources,
  checkCount,
  maxResources,
  parseResources,
  type ResourceList,
  type Resources,
} from './resource-list.ts';

interface ResourceRequirements {
  readonly requests?: ResourceList;
  readonly limits?: ResourceList;
}

interface ContainerResources {
  readonly name?: string;
  readonly resources?: ResourceRequirements;
}

interface InitContainerResources extends ContainerResources {
  /** `Always` makes the init container a sidecar, which runs as long as the pod. */
  readonly restartPolicy?: string;
}

interface AppliedResources {
  /** What the kubelet has applied. */
  readonly resources?: { readonly requests?: ResourceList };
  /** What the node has reserved. */
  readonly allocatedResources?: ResourceList;
}

interface ContainerStatusResources extends AppliedResources {
  readonly name?: string;
}

/** The fields of a pod's `spec` that decide what it requests. */
export interface PodSpecResources {
  readonly containers?: readonly ContainerResources[];
  readonly initContainers?: readonly InitContainerResources[];
  readonly resources?: ResourceRequirements;
  readonly overhead?: ResourceList;
}

/** The fields of a pod's `status` that decide what it requests; its own resources are of the pod-level requests. */
export interface PodStatusResources extends AppliedResources {
  readonly phase?: string;
  readonly conditions?: readonly { readonly type?: string; readonly reason?: string }[];
  readonly containerStatuses?: readonly ContainerStatusResources[];
  readonly initContainerStatuses?: readonly ContainerStatusResources[];
}

const NOTHING: Resources = new Map();

/**
 * What a pod takes from its node, as kube-scheduler counts it (component-helpers `resource/helpers.go`, `PodRequests`):
 *
 *     main   = Σ containers + Σ sidecars
 *     init_i = request_i + Σ sidecars before i
 *     R      = max(main, init_1, init_2, …), its cpu, memory and hugepages replaced by the pod-level requests, + overhead
 *
 * - While a container, a sidecar or the pod level is resized in place, it counts as the largest of its spec,
 *   `resources` and `allocatedResources` of its status; a resize that the node called infeasible leaves the spec out.
 *   This is the per-container rule of 1.33 to 1.36; 1.37 compares the sums, which never gives more.
 * - A limit without a request counts as the request, as the apiserver's defaulting would have it (`SetDefaults_Pod` and
 *   `defaultPodRequests` in `pkg/apis/core/v1/defaults.go`); YAML written by hand has not been through it.
 * - A pod that is Succeeded or Failed uses nothing: the scheduler drops terminal pods from its nodes.
 *
 * @throws {QuantityError}
 */
export function podRequests(spec: PodSpecResources, status: PodStatusResources = {}): Resources {
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return NOTHING;

  const statuses = statusesByName(status);
  const resizeInfeasible = isResizeInfeasible(status);
  const running = (spec.containers ?? []).map((container) =>
    effectiveRequests(container, statuses.get(container.name), resizeInfeasible),
  );

  let sidecars = NOTHING;
  let initPeak = NOTHING;
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      const requests = effectiveRequests(container, statuses.get(container.name), resizeInfeasible);
      sidecars = addResources(sidecars, requests);
    } else {
      initPeak = maxResources(initPeak, addResources(sidecars, specRequests(container)));
    }
  }

  const fromContainers = maxResources(addResources(...running, sidecars), initPeak);
  // YAML written by hand has null where a key has nothing after it.
  const podLevel = spec.resources ? podLevelRequests(spec.resources, status, fromContainers) : NOTHING;
  const requests = new Map([...fromContainers, ...podLevel]);
  return addResources(requests, parseResources(spec.overhead));
}

function specRequests(container: ContainerResources): Resources {
  const { limits, requests } = container.resources ?? {};
  for (const list of [limits, requests]) checkCount(list);
  return parseResources({ ...limits, ...requests });
}

function effectiveRequests(
  container: ContainerResources,
  status: AppliedResources | undefined,
  resizeInfeasible: boolean,
): Resources {
  const applied = status?.resources?.requests;
  const allocated = status?.allocatedResources;
  const inStatus = maxResources(parseResources(applied), parseResources(allocated));
  if (resizeInfeasible && inStatus.size > 0) return inStatus;
  return maxResources(specRequests(container), inStatus);
}

function statusesByName(status: PodStatusResources): ReadonlyMap<string | undefined, ContainerStatusResources> {
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
  return new Map(statuses.map((container) => [container.name, container]));
}

function isResizeInfeasible(status: PodStatusResources): boolean {
  const pending = status.conditions?.find((condition) => condition.type === 'PodResizePending');
  return pending?.reason === 'Infeasible';
}

/**
 * The pod-level requests that replace the sums of the containers. A pod-level limit alone counts for cpu and memory
 * only if no container requests them, for huge pages always: those cannot be overcommitted.
 */
function podLevelRequests(
  { limits = {}, requests = {} }: ResourceRequirements,
  status: PodStatusResources,
  fromContainers: Resources,
): Resources {
  const inEffect = effectiveRequests({ resources: { requests } }, status, isResizeInfeasible(status));
  const amounts = [
    ...[...parseResources(limits)].filter(([name]) => isHugePages(name) || !fromContainers.has(name)),
    ...[...parseResources(requests)].map(([name, amount]) => [name, inEffect.get(name) ?? amount] as const),
  ];
  return new Map(amounts.filter(([name]) => name === 'cpu' || name === 'memory' || isHugePages(name)));
}

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}
