import { once } from 'node:events';
import { createServer } from 'node:https';
import { caBundle, makeCertificates } from '../../src/http/certificates.ts';
import type { Cluster } from './control-plane/cluster.ts';
import { until } from './control-plane/wait.ts';

const GROUP = 'external.metrics.k8s.io';
const VERSION = 'v1beta1';
const SERVICE = { name: 'external-metrics', namespace: 'default' };
const METRIC_PATH = new RegExp(`^/apis/${GROUP}/${VERSION}/namespaces/([^/]+)/([^/]+)$`);

/** What a metric is now, of everything with these labels; null where there is no such metric. */
export type MetricReader = (metric: string, labels: Readonly<Record<string, string>>) => number | null;

export interface ExternalMetrics {
  /** How often a metric was asked for. */
  asked(): number;
  /** Takes the API out of the cluster and ends the server. */
  close(): Promise<void>;
}

/**
 * Serves external.metrics.k8s.io, which HPAs read, as an adapter of Prometheus does. The apiserver reaches it through
 * an APIService whose Service is an ExternalName: these are followed without a cluster network.
 */
export async function startExternalMetrics({ api, apply }: Cluster, read: MetricReader): Promise<ExternalMetrics> {
  let asked = 0;
  const { ca, cert, key } = await makeCertificates({
    service: `${SERVICE.name}.${SERVICE.namespace}.svc`,
    now: new Date(),
  });
  const server = createServer({ cert, key }, (incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'https://localhost');
    const metric = METRIC_PATH.exec(pathname)?.[2];
    if (metric !== undefined) asked += 1;
    const answer =
      metric === undefined ? discovery(pathname) : valueList(metric, labelsIn(searchParams.get('labelSelector')), read);
    outgoing.writeHead(answer === null ? 404 : 200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(answer ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }));
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the metrics have no port');
  await apply(
    { apiVersion: 'v1', kind: 'Service', metadata: SERVICE, spec: { type: 'ExternalName', externalName: 'localhost' } },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `${VERSION}.${GROUP}` },
      spec: {
        group: GROUP,
        version: VERSION,
        groupPriorityMinimum: 100,
        versionPriority: 100,
        service: { ...SERVICE, port: address.port },
        caBundle: caBundle(ca),
      },
    },
  );
  await until('the apiserver to serve external metrics', () => api.get<object>(`/apis/${GROUP}/${VERSION}`));
  return {
    asked: () => asked,
    close: async () => {
      await api.delete(`/apis/apiregistration.k8s.io/v1/apiservices/${VERSION}.${GROUP}`);
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The apiserver asks for this to know that the server is there, and what it has. */
function discovery(path: string): object | null {
  if (path !== `/apis/${GROUP}/${VERSION}`) return null;
  const resource = {
    name: 'externalmetrics',
    singularName: '',
    namespaced: true,
    kind: 'ExternalMetricValueList',
    verbs: ['get'],
  };
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${GROUP}/${VERSION}`, resources: [resource] };
}

function valueList(metricName: string, metricLabels: Readonly<Record<string, string>>, read: MetricReader): object {
  const value = read(metricName, metricLabels);
  const timestamp = new Date().toISOString();
  const items = value === null ? [] : [{ metricName, metricLabels, timestamp, value: `${Math.round(value * 1000)}m` }];
  return { kind: 'ExternalMetricValueList', apiVersion: `${GROUP}/${VERSION}`, metadata: {}, items };
}

/** Of a selector of `key=value` alone. */
function labelsIn(selector: string | null): Record<string, string> {
  const pairs = (selector ?? '').split(',').filter((pair) => pair !== '');
  return Object.fromEntries(pairs.map((pair) => pair.split('=', 2)));
}
