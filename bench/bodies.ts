/** What kube-apiserver and kube-scheduler send, as recorded, with the names of a benchmark's own fleet. */
import { listAt, objectAt } from '../src/workloads/core/json.ts';
import { captured } from '../test/builders/review.ts';

interface Named {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** A review of the /scale of a ModelServing, from so many groups to so many. */
export function scaleReview({ namespace, name, uid }: Named, from: number, to: number): string {
  const { request, ...review } = captured('ms-scale-down');
  const scale = (replicas: number) => ({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion: '2478', creationTimestamp: '2026-11-23T00:56:31Z' },
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: from,
      selector: `modelserving.volcano.sh/entry=true,modelserving.volcano.sh/name=${name},modelserving.volcano.sh/role-id=prefill-0,modelserving.volcano.sh/role=prefill`,
    },
  });
  return JSON.stringify({
    ...review,
    request: { ...request, namespace, name, object: scale(to), oldObject: scale(from) },
  });
}

/**
 * A recorded review of another object, be it of the object itself or of its /scale, from so many replicas to so many;
 * `owner` is its controller.
 */
export function renamedReview(file: string, named: Named, from: number, to: number, owner?: Named): string {
  const { request, ...review } = captured(file);
  const { namespace, name, uid } = named;
  const fields = objectAt(request);
  const changed = (replicas: number, key: 'object' | 'oldObject') => {
    const object = objectAt(fields, key);
    const [ownerReference] = listAt(object, 'metadata', 'ownerReferences');
    const ownerReferences = [{ ...objectAt(ownerReference), name: owner?.name, uid: owner?.uid }];
    const metadata = { ...objectAt(object, 'metadata'), namespace, name, uid, ...(owner && { ownerReferences }) };
    return { ...object, metadata, spec: { ...objectAt(object, 'spec'), replicas } };
  };
  return JSON.stringify({
    ...review,
    request: { ...request, namespace, name, object: changed(to, 'object'), oldObject: changed(from, 'oldObject') },
  });
}

/** A review of the Binding of a pod, as kube-scheduler makes it. */
export function bindingReview({ namespace, name, uid }: Named, node: string): string {
  const { request, ...review } = captured('binding-default-scheduler');
  const object = objectAt(request, 'object');
  const metadata = { ...objectAt(object, 'metadata'), namespace, name, uid };
  const target = { kind: 'Node', name: node };
  return JSON.stringify({
    ...review,
    request: { ...request, namespace, name, object: { ...object, metadata, target } },
  });
}

/** ExtenderArgs with names, for a pod as the apiserver has it before it is bound. */
export function extenderArgs(nodeNames: readonly string[], requests: Readonly<Record<string, string>>): string {
  return JSON.stringify({ Pod: pendingPod(requests), Nodes: null, NodeNames: nodeNames });
}

/** Of a Deployment, with what admission has filled in; kube-scheduler keeps no managedFields. */
function pendingPod(requests: Readonly<Record<string, string>>): object {
  return {
    metadata: {
      name: 'web-69f8d49ffb-x7k2p',
      generateName: 'web-69f8d49ffb-',
      namespace: 'default',
      uid: '3a428d48-9444-44c6-a559-c64daddc4ef9',
      resourceVersion: '846',
      generation: 1,
      creationTimestamp: '2026-11-23T00:48:07Z',
      labels: { app: 'web', 'app.kubernetes.io/managed-by': 'argocd', 'pod-template-hash': '69f8d49ffb' },
      annotations: { 'prometheus.io/port': '9400', 'prometheus.io/scrape': 'true' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'web-69f8d49ffb',
          uid: '6d5c6459-4508-4e84-ac54-fef4e11cfab8',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      volumes: [
        {
          name: 'kube-api-access-9mmmj',
          projected: {
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
              { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            ],
            defaultMode: 420,
          },
        },
      ],
      containers: [
        {
          name: 'server',
          image: 'registry.example/serving/runtime:v1.42.0',
          ports: [{ containerPort: 8000, name: 'http', protocol: 'TCP' }],
          env: [
            { name: 'MODEL', value: '/models/current' },
            { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
          ],
          resources: { requests, limits: requests },
          volumeMounts: [
            {
              name: 'kube-api-access-9mmmj',
              readOnly: true,
              mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
            },
          ],
          readinessProbe: { httpGet: { path: '/health', port: 8000, scheme: 'HTTP' }, periodSeconds: 10 },
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      serviceAccount: 'default',
      securityContext: {},
      schedulerName: 'default-scheduler',
      tolerations: ['not-ready', 'unreachable'].map((problem) => ({
        key: `node.kubernetes.io/${problem}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
    },
    status: { phase: 'Pending', qosClass: 'Guaranteed' },
  };
}
