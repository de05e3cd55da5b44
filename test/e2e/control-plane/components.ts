import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Credentials } from './credentials.ts';

/** What runs on top of etcd and kube-apiserver. */
export type ComponentName = 'kube-controller-manager' | 'kube-scheduler' | 'kwok';

/** An extender stanza of KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1). */
export interface SchedulerExtender {
  urlPrefix: string;
  filterVerb?: string;
  prioritizeVerb?: string;
  preemptVerb?: string;
  bindVerb?: string;
  weight?: number;
  enableHTTPS?: boolean;
  tlsConfig?: { caFile?: string; serverName?: string; certFile?: string; keyFile?: string };
  /** A Go duration, e.g. `300ms`. */
  httpTimeout?: string;
  nodeCacheCapable?: boolean;
  ignorable?: boolean;
  managedResources?: { name: string; ignoredByScheduler: boolean }[];
}

export function etcdArguments(folder: string, clientUrl: string, peerUrl: string): string[] {
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    // The data lives as long as the test does.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export interface ApiServerSettings {
  etcdUrl: string;
  port: number;
  certificateFolder: string;
  credentials: Credentials;
  auditPolicyFile: string;
  auditLogFile: string;
}

export function apiServerArguments(settings: ApiServerSettings): string[] {
  const { etcdUrl, port, certificateFolder, credentials, auditPolicyFile, auditLogFile } = settings;
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // No endpoints of loopback addresses: the API refuses them.
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--cert-dir=${certificateFolder}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    `--service-account-issuer=https://127.0.0.1:${port}`,
    `--service-account-key-file=${credentials.serviceAccountKeyFile}`,
    `--service-account-signing-key-file=${credentials.serviceAccountKeyFile}`,
    `--token-auth-file=${credentials.tokenFile}`,
    '--authorization-mode=RBAC',
    // Nothing here makes service accounts for pods, or takes the not-ready taint off new nodes.
    '--disable-admission-plugins=ServiceAccount,TaintNodesByCondition',
    `--audit-policy-file=${auditPolicyFile}`,
    `--audit-log-path=${auditLogFile}`,
  ];
}

const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'horizontal-pod-autoscaler-controller',
];

/** `also`: controllers that only some tests need. */
export function controllerManagerArguments(
  kubeconfig: string,
  credentials: Credentials,
  also: readonly string[],
): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--controllers=${[...controllers, ...also].join(',')}`,
    // Each controller under its own name, as in clusters made by kubeadm.
    '--use-service-account-credentials',
    `--service-account-private-key-file=${credentials.serviceAccountKeyFile}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
    '--horizontal-pod-autoscaler-sync-period=1s',
  ];
}

/** Writes the scheduler's configuration into the folder. `qps`: requests a second that it allows itself. */
export async function schedulerArguments(
  folder: string,
  kubeconfig: string,
  extenders: SchedulerExtender[],
  profiles: readonly object[],
  qps = 500,
): Promise<string[]> {
  const file = join(folder, 'kube-scheduler.json');
  const configuration = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    leaderElection: { leaderElect: false },
    clientConnection: { kubeconfig, qps, burst: 2 * qps },
    extenders,
    ...(profiles.length === 0 ? {} : { profiles }),
  };
  await writeFile(file, JSON.stringify(configuration, undefined, 2));
  return [`--config=${file}`, '--secure-port=0'];
}

export function kwokArguments(kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--manage-all-nodes=true',
    `--config=${fileURLToPath(new URL('stages.yaml', import.meta.url))}`,
  ];
}
