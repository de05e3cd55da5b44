import { type ApiClient, apiClient } from './api-client.ts';
import { type LastResort, startLastResort } from './last-resort.ts';
import { type Finished, runToEnd } from './processes.ts';

/** What every test needs of a cluster, whether it was started for the test or was there before. */
export interface Cluster {
  /** Path of a kubeconfig that may do everything. */
  adminKubeconfig: string;
  /** The same rights, over plain HTTP. */
  api: ApiClient;
  /** Runs kubectl as the administrator. */
  kubectl(...args: string[]): Promise<Finished>;
  /** Returns what kubectl prints; throws with its error if it fails. */
  kubectlOutput(...args: string[]): Promise<string>;
  /** Runs kubectl with something to read, for `-f -`. */
  kubectlWithInput(input: object, ...args: string[]): Promise<Finished>;
  /** Runs another program, for five minutes at most. */
  run(program: string, ...args: string[]): Promise<Finished>;
  /** Creates or updates objects with `kubectl apply`; throws with kubectl's error. */
  apply(...objects: object[]): Promise<void>;
  /** A token of a service account that exists, good for an hour. */
  serviceAccountToken(namespace: string, name: string): Promise<string>;
  /** Ends and removes everything that was started. May be called more than once. */
  stop(): Promise<void>;
}

export interface ClusterAccess {
  adminKubeconfig: string;
  kubectlProgram: string;
  /** Where kubectl keeps its discovery cache. */
  home: string;
  lastResort: LastResort;
}

export async function accessCluster({
  adminKubeconfig,
  kubectlProgram,
  home,
  lastResort,
}: ClusterAccess): Promise<Cluster> {
  const api = await apiClient(adminKubeconfig);
  const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: adminKubeconfig };
  const kubectl = (args: string[], input?: object) =>
    runToEnd(kubectlProgram, args, {
      lastResort,
      env,
      timeout: 180_000,
      ...(input && { input: JSON.stringify(input) }),
    });
  return {
    adminKubeconfig,
    api,
    kubectl: (...args) => kubectl(args),
    kubectlOutput: async (...args) => {
      const { code, stdout, stderr } = await kubectl(args);
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${stderr.trim()}`);
      return stdout;
    },
    kubectlWithInput: (input, ...args) => kubectl(args, input),
    run: (program, ...args) => runToEnd(program, args, { lastResort, timeout: 300_000 }),
    apply: async (...objects) => {
      const list = { apiVersion: 'v1', kind: 'List', items: objects };
      const { code, stderr } = await kubectl(['apply', '-f', '-'], list);
      if (code !== 0) throw new Error(`kubectl apply failed: ${stderr.trim()}`);
    },
    serviceAccountToken: async (namespace, name) => {
      const request = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: 3600 },
      };
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
      return (await api.create<{ status: { token: string } }>(path, request)).status.token;
    },
    stop: async () => {
      await api.close();
      await lastResort.end();
    },
  };
}

/** A cluster that exists already, e.g. of kind. Its kubectl is the one on the path. */
export async function existingCluster(kubeconfig: string): Promise<Cluster> {
  return accessCluster({
    adminKubeconfig: kubeconfig,
    kubectlProgram: 'kubectl',
    home: process.env.HOME ?? '/',
    lastResort: startLastResort(),
  });
}
