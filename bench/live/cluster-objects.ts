/** The objects of the benchmark's cluster, as JSON text: realistic in size and shape, all made up. */
import { hash } from 'node:crypto';

/** 150,000 pods on 5,000 nodes, or a smaller fleet of the same kind: BENCH_PODS, in thousands that 3 divides. */
export const PODS = Number(process.env.BENCH_PODS ?? 150_000);
export const NODES = PODS / 30;
/** The first pods are of Deployments, the others of ModelServings. */
const FLAT_PODS = (PODS / 3) * 2;
export const PODS_PER_REPLICA_SET = 50;
export const GROUPS_PER_SERVING = 10;
/** A group is one prefill and three decode replicas of three pods each, less the prefill's two workers. */
const PODS_PER_GROUP = 10;
const PODS_PER_SERVING = GROUPS_PER_SERVING * PODS_PER_GROUP;
const WORKLOADS_PER_NAMESPACE = 25;

const SERVING_GROUP = 'workload.serving.volcano.sh/v1alpha1';
const PREFIX = 'modelserving.volcano.sh';

/** The pod that is alone on the node of the same name, and whose phase the benchmark flips. */
export const PROBE = 'probe';

export interface PodState {
  /** How often it has been replaced by a new pod. */
  generation: number;
  /** How often it has been updated. */
  beat: number;
  version: number;
  /** Annotations that have been written to it. */
  written?: Readonly<Record<string, string>>;
}

export interface Collection {
  readonly path: string;
  readonly count: number;
  /** The JSON of the object at a place from 0 to `count` − 1. */
  render(place: number): string;
}

export const collections: readonly Collection[] = [
  { path: '/api/v1/nodes', count: NODES + 1, render: (place) => node(place < NODES ? nodeName(place) : PROBE) },
  {
    path: '/api/v1/namespaces',
    count: Math.ceil((flatWorkloads() + servings()) / WORKLOADS_PER_NAMESPACE),
    render: (place) => JSON.stringify({ metadata: { name: `team-${place}`, uid: `ns-${place}` } }),
  },
  { path: '/apis/apps/v1/deployments', count: flatWorkloads(), render: deployment },
  { path: '/apis/apps/v1/replicasets', count: flatWorkloads(), render: replicaSet },
  { path: '/apis/apps/v1/statefulsets', count: 0, render: () => '' },
  { path: '/apis/apps/v1/controllerrevisions', count: 0, render: () => '' },
  { path: `/apis/${SERVING_GROUP}/modelservings`, count: servings(), render: modelServing },
];

export function pod(place: number, { generation, beat, version, written = {} }: PodState): string {
  const { namespace, name, labels, owner, requests } =
    place < FLAT_PODS ? flatPod(place, generation) : groupPod(place - FLAT_PODS);
  // Every fifth update is one of readiness, the others change nothing that decisions read.
  const readyChange = new Date(1_760_000_000_000 + Math.floor(beat / 5) * 1000).toISOString();
  return render({
    namespace,
    name,
    uid: uid(place, generation),
    labels,
    owner,
    requests,
    node: nodeName(place % NODES),
    beat,
    version,
    readyChange,
    phase: 'Running',
    written,
  });
}

/** The pod on the probe's node: it takes half of the node while it runs. */
export function probePod(runs: boolean, version: number): string {
  return render({
    namespace: 'team-0',
    name: PROBE,
    uid: PROBE,
    labels: { app: PROBE },
    owner: null,
    requests: { cpu: '32', memory: '256Gi', 'nvidia.com/gpu': '4' },
    node: PROBE,
    beat: 0,
    version,
    readyChange: '2026-01-01T00:00:00Z',
    phase: runs ? 'Running' : 'Succeeded',
    written: {},
  });
}

/** From this one on, ModelServings are in mode observe: their scale-downs are planned, and nothing is written. */
export const FIRST_OBSERVED = 100;
export const SERVINGS = servings();

function flatWorkloads(): number {
  return FLAT_PODS / PODS_PER_REPLICA_SET;
}

function servings(): number {
  return (PODS - FLAT_PODS) / PODS_PER_SERVING;
}

function namespaceOf(workload: number): string {
  return `team-${Math.floor(workload / WORKLOADS_PER_NAMESPACE)}`;
}

export function nodeName(place: number): string {
  return `gpu-node-${String(place).padStart(5, '0')}.eu-1.example`;
}

/** A uid that only looks random. */
function uid(...parts: readonly number[]): string {
  const digits = hash('md5', parts.join('.'));
  return [0, 8, 12, 16, 20].map((from, index) => digits.slice(from, [8, 12, 16, 20, 32][index])).join('-');
}

/** A Deployment by its place, with the hash in the name of its ReplicaSet. */
export function flatAt(workload: number) {
  const name = `service-${workload}`;
  return { namespace: namespaceOf(workload), name, templateHash: uid(workload, 1).slice(0, 8), uid: uid(workload, 2) };
}

function flatPod(place: number, generation: number) {
  const workload = Math.floor(place / PODS_PER_REPLICA_SET);
  const { namespace, name, templateHash } = flatAt(workload);
  return {
    namespace,
    name: `${name}-${templateHash}-${uid(place, generation, 3).slice(0, 5)}`,
    labels: {
      app: name,
      'app.kubernetes.io/name': name,
      'app.kubernetes.io/instance': `${name}-production`,
      'app.kubernetes.io/managed-by': 'argocd',
      'pod-template-hash': templateHash,
      team: namespace,
    },
    owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-${templateHash}`, uid: uid(workload, 4) },
    requests: { cpu: '500m', memory: '1Gi' },
  };
}

/** The ReplicaSet of a Deployment by its place. */
export function replicaSetAt(workload: number) {
  const { namespace, name, templateHash } = flatAt(workload);
  return { namespace, name: `${name}-${templateHash}`, uid: uid(workload, 4) };
}

/** The first pod of a group of a ModelServing, as it was at the start. */
export function groupPodAt(serving: number, group: number) {
  const place = serving * PODS_PER_SERVING + group * PODS_PER_GROUP;
  const { namespace, name } = groupPod(place);
  return { namespace, name, uid: uid(FLAT_PODS + place, 0) };
}

/** The place of a pod of a ModelServing; undefined for another pod. */
export function placeOfGroupPod(namespace: string, name: string): number | undefined {
  placesOfGroupPods ??= new Map(
    Array.from({ length: PODS - FLAT_PODS }, (_, place) => {
      const pod = groupPod(place);
      return [`${pod.namespace}/${pod.name}`, FLAT_PODS + place];
    }),
  );
  return placesOfGroupPods.get(`${namespace}/${name}`);
}

let placesOfGroupPods: ReadonlyMap<string, number> | undefined;

/** A ModelServing by its place. */
export function servingAt(index: number) {
  const workload = flatWorkloads() + index;
  return { namespace: namespaceOf(workload), name: `model-${index}`, uid: uid(workload, 5) };
}

function groupPod(place: number) {
  const serving = servingAt(Math.floor(place / PODS_PER_SERVING));
  const group = `${serving.name}-${Math.floor((place % PODS_PER_SERVING) / PODS_PER_GROUP)}`;
  const inGroup = place % PODS_PER_GROUP;
  const role = inGroup === 9 ? 'prefill' : 'decode';
  const roleId = `${role}-${role === 'prefill' ? 0 : Math.floor(inGroup / 3)}`;
  const index = role === 'prefill' ? 0 : inGroup % 3;
  return {
    namespace: serving.namespace,
    name: `${group}-${roleId}-${index}`,
    labels: {
      [`${PREFIX}/name`]: serving.name,
      [`${PREFIX}/group-name`]: group,
      [`${PREFIX}/role`]: role,
      [`${PREFIX}/role-id`]: roleId,
      [`${PREFIX}/revision`]: serving.uid.slice(0, 8),
      ...(index === 0 ? { [`${PREFIX}/entry`]: 'true' } : {}),
    },
    owner: { apiVersion: SERVING_GROUP, kind: 'ModelServing', name: serving.name, uid: serving.uid },
    requests: { cpu: '6', memory: '48Gi', 'nvidia.com/gpu': '1' },
  };
}

function node(name: string): string {
  const allocatable = { cpu: '64', memory: '512Gi', pods: '110', 'nvidia.com/gpu': '8' };
  return JSON.stringify({
    metadata: {
      name,
      uid: name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': 'gpu-8x',
        'topology.kubernetes.io/region': 'eu-1',
        'topology.kubernetes.io/zone': 'eu-1a',
      },
      managedFields: managedFields(['kubelet', 'kube-controller-manager']),
    },
    spec: {},
    status: { allocatable, capacity: allocatable, conditions: conditions('2026-01-01T00:00:00Z') },
  });
}

function deployment(workload: number): string {
  const { namespace, name, uid } = flatAt(workload);
  return flat('Deployment', { namespace, name, uid });
}

function replicaSet(workload: number): string {
  const { name, uid: owner } = flatAt(workload);
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid: owner, controller: true }];
  return flat('ReplicaSet', { ...replicaSetAt(workload), ownerReferences });
}

function flat(kind: string, metadata: { readonly name: string } & Readonly<Record<string, unknown>>): string {
  const template = { metadata: { labels: { app: metadata.name } }, spec: { containers: [{ name: 'main' }] } };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind,
    metadata: { ...metadata, managedFields: managedFields(['argocd', 'kube-controller-manager']) },
    spec: { replicas: PODS_PER_REPLICA_SET, selector: { matchLabels: { app: metadata.name } }, template },
    status: { replicas: PODS_PER_REPLICA_SET, readyReplicas: PODS_PER_REPLICA_SET },
  });
}

function modelServing(index: number): string {
  const roles = [
    { name: 'prefill', replicas: 1, workerReplicas: 0 },
    { name: 'decode', replicas: 3, workerReplicas: 2 },
  ];
  return JSON.stringify({
    apiVersion: SERVING_GROUP,
    kind: 'ModelServing',
    metadata: {
      ...servingAt(index),
      ...(index >= FIRST_OBSERVED && { annotations: { 'packdown.io/steering': 'observe' } }),
    },
    spec: { replicas: GROUPS_PER_SERVING, template: { roles } },
  });
}

interface PodText {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: object;
  readonly owner: object | null;
  readonly requests: object;
  readonly node: string;
  readonly beat: number;
  readonly version: number;
  readonly readyChange: string;
  readonly phase: string;
  readonly written: object;
}

function render(text: PodText): string {
  const { namespace, name, uid, labels, owner, requests, node, beat, version, readyChange, phase, written } = text;
  const head = {
    name,
    ...(owner !== null && { generateName: name.slice(0, -5) }),
    namespace,
    uid,
    resourceVersion: String(version),
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels,
    annotations: {
      'cni.projectcalico.org/podIP': '10.12.7.31/32',
      'example.com/beat': String(beat),
      'prometheus.io/port': '9400',
      'prometheus.io/scrape': 'true',
      ...written,
    },
    ...(owner !== null && { ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }] }),
  };
  const status = {
    phase,
    conditions: conditions(readyChange),
    hostIP: '10.0.13.7',
    podIP: '10.12.7.31',
    podIPs: [{ ip: '10.12.7.31' }],
    startTime: '2026-01-01T00:00:01Z',
  };
  // What is the same in every pod is rendered once, so that this process takes little of the two cores.
  return `{"metadata":${JSON.stringify(head).slice(0, -1)},"managedFields":${MANAGED_FIELDS}},"spec":{"nodeName":"${node}",${SPEC_REST},"containers":[{"name":"main","resources":{"requests":${JSON.stringify(requests)},"limits":${JSON.stringify(requests)}},${CONTAINER_REST},${SIDECAR}]},"status":${JSON.stringify(status).slice(0, -1)},${CONTAINER_STATUSES}}}`;
}

function conditions(changed: string): readonly object[] {
  return ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: changed,
  }));
}

function managedFields(managers: readonly string[]): readonly object[] {
  const fields = (names: readonly string[]) => Object.fromEntries(names.map((name) => [`f:${name}`, {}]));
  return managers.map((manager) => ({
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': {
        'f:labels': fields(['.', 'app', 'team', 'pod-template-hash']),
        'f:ownerReferences': fields(['.']),
      },
      'f:spec': {
        'f:containers': { 'k:{"name":"main"}': fields(['.', 'image', 'name', 'ports', 'resources', 'env']) },
      },
      'f:status': { 'f:conditions': { 'k:{"type":"Ready"}': fields(['.', 'status', 'type', 'lastTransitionTime']) } },
    },
  }));
}

/** The members of an object, without its braces. */
function members(object: object): string {
  return JSON.stringify(object).slice(1, -1);
}

const MANAGED_FIELDS = JSON.stringify(managedFields(['kube-controller-manager', 'kubelet']));
const SPEC_REST = members({
  restartPolicy: 'Always',
  serviceAccountName: 'default',
  schedulerName: 'default-scheduler',
  terminationGracePeriodSeconds: 30,
  tolerations: [
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
  ],
  volumes: [{ name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }], defaultMode: 420 } }],
});
const CONTAINER = {
  image: 'registry.example/serving/runtime:v1.42.0',
  imagePullPolicy: 'IfNotPresent',
  env: [
    { name: 'MODEL', value: '/models/current' },
    { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
  ],
  ports: [{ containerPort: 8000, name: 'http', protocol: 'TCP' }],
  readinessProbe: { httpGet: { path: '/health', port: 8000 }, periodSeconds: 10, failureThreshold: 3 },
  volumeMounts: [{ name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }],
};
const CONTAINER_REST = `${members(CONTAINER)}}`;
const SIDECAR = JSON.stringify({
  name: 'metrics',
  image: 'registry.example/metrics:v3',
  resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '128Mi' } },
});
const CONTAINER_STATUSES = members({
  containerStatuses: ['main', 'metrics'].map((name) => ({
    name,
    ready: true,
    restartCount: 0,
    image: `registry.example/${name}:v1`,
    imageID: `registry.example/${name}@sha256:1f1b4c0d7a1d3a9f7b1b6f3a2f7d2a6c8ef2f1a0c9d8e7b6a5f4e3d2c1b0a998`,
    containerID: 'containerd://6b1f0c2d9e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c',
    state: { running: { startedAt: '2026-01-01T00:00:02Z' } },
  })),
});
