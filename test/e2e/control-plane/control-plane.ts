import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetch } from 'undici';
import { type AuditEntry, readAuditLog, writeAuditPolicy } from './audit.ts';
import { accessCluster, type Cluster } from './cluster.ts';
import {
  apiServerArguments,
  type ComponentName,
  controllerManagerArguments,
  etcdArguments,
  kwokArguments,
  type SchedulerExtender,
  schedulerArguments,
} from './components.ts';
import { type Tokens, writeCredentials } from './credentials.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { startLastResort } from './last-resort.ts';
import { freePort, type RunningProcess, startProcess } from './processes.ts';
import type { Tools } from './tools.ts';
import { noteUsedRights, type Starting } from './used-rights.ts';
import { until } from './wait.ts';

/** A control plane of its own: real programs on free loopback ports, all state in one temporary folder, RBAC on. */
export interface ControlPlane extends Cluster {
  apiServerUrl: string;
  etcdUrl: string;
  /** Path of the PEM that signs the apiserver's certificate. */
  caFile: string;
  tokens: Tokens;
  /** The temporary folder: free for the test's own files, removed at the end. */
  folder: string;
  /** Every write answered so far, oldest first. */
  auditLog(): Promise<AuditEntry[]>;
  startComponents(names: ComponentName[]): Promise<void>;
  /** Starts the scheduler with these extenders and profiles, in place of one that runs. */
  startScheduler(extenders: SchedulerExtender[], profiles?: readonly object[]): Promise<void>;
  /** Ends one component, to see what happens without it. */
  stopComponent(name: ComponentName): Promise<void>;
  /** Ends kube-apiserver as a crash does (SIGKILL, sent before this returns). Resolves when it is gone. */
  killApiServer(): Promise<void>;
  /** Starts it again on its port and data, with these flags besides its own, and waits until it is ready. */
  startApiServer(...flags: string[]): Promise<void>;
  /** Starts a program that is no part of the control plane but ends with it. */
  startProgram(name: string, program: string, args: string[]): RunningProcess;
  /** Process ids of everything that was ever started here. */
  processIds(): number[];
  /** The last log lines of every component: print them when a test fails. */
  logs(): Promise<string>;
}

export interface Beside {
  /**
   * Of kube-controller-manager, besides those that every test has. Some ask what the apiserver serves as they start,
   * and end the whole program when it is killed meanwhile.
   */
  readonly controllers?: readonly string[];
}

/**
 * Starts etcd and kube-apiserver and waits until they are ready. Whatever happens afterwards (an error, Ctrl-C, even a
 * kill -9 of this process), no process and no file stays behind.
 */
export async function startControlPlane(tools: Tools, { controllers = [] }: Beside = {}): Promise<ControlPlane> {
  const lastResort = startLastResort();
  const folder = await mkdtemp(join(tmpdir(), 'packdown-e2e-'));
  lastResort.folder(folder);
  const started: RunningProcess[] = [];

  function program(name: string): string {
    const path = tools.get(name);
    if (path === undefined) throw new Error(`there is no ${name} here: unset KUBEBUILDER_ASSETS and install Go`);
    return path;
  }

  function startProgram(name: string, program: string, args: string[]): RunningProcess {
    const process = startProcess(name, program, args, { folder, lastResort });
    started.push(process);
    return process;
  }
  const start = (name: string, args: string[]) => startProgram(name, program(name), args);

  async function logs(): Promise<string> {
    // Programs that were started again have gone on in the same file.
    const latest = new Map(started.map((process) => [process.name, process]));
    const parts = [...latest.values()].map(async (process) => {
      const state = process.ended() ? 'ended' : 'running';
      return `--- ${process.name} (${state})\n${await process.logTail()}\n`;
    });
    return (await Promise.all(parts)).join('');
  }

  async function untilReady(process: RunningProcess, ask: () => Promise<boolean>): Promise<void> {
    await until(`${process.name} to be ready or to end`, async () => process.ended() || (await ask()));
    if (process.ended()) throw new Error(`${process.name} ended while it started`);
  }

  try {
    const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
    const etcdUrl = `http://127.0.0.1:${etcdPort}`;
    const etcd = start('etcd', etcdArguments(folder, etcdUrl, `http://127.0.0.1:${peerPort}`));
    await untilReady(etcd, async () => (await fetch(`${etcdUrl}/health`)).ok);

    const credentials = await writeCredentials(folder);
    const { tokens } = credentials;
    const apiServerUrl = `https://127.0.0.1:${port}`;
    const caFile = join(folder, 'apiserver.crt');
    const auditLogFile = join(folder, 'audit.log');
    const auditPolicyFile = await writeAuditPolicy(folder);
    const apiServerFlags = apiServerArguments({
      etcdUrl,
      port,
      certificateFolder: folder,
      credentials,
      auditPolicyFile,
      auditLogFile,
    });
    const starts: Starting[] = [];
    let apiServer = start('kube-apiserver', apiServerFlags);
    // The key is written after the certificate.
    await untilReady(apiServer, async () => existsSync(join(folder, 'apiserver.key')));
    const kubeconfigFor = (user: keyof Tokens) =>
      writeKubeconfig(join(folder, `${user}.kubeconfig`), { server: apiServerUrl, caFile, token: tokens[user] });
    const cluster = await accessCluster({
      adminKubeconfig: await kubeconfigFor('admin'),
      kubectlProgram: program('kubectl'),
      home: folder,
      lastResort,
    });
    await untilReady(apiServer, cluster.api.ready);

    const running = (name: ComponentName) => started.filter((process) => process.name === name && !process.ended());
    async function stopComponent(name: ComponentName): Promise<void> {
      await Promise.all(running(name).map((process) => process.kill()));
    }
    async function startScheduler(extenders: SchedulerExtender[], profiles: readonly object[] = []): Promise<void> {
      await stopComponent('kube-scheduler');
      const kubeconfig = await kubeconfigFor('kube-scheduler');
      start('kube-scheduler', await schedulerArguments(folder, kubeconfig, extenders, profiles));
    }
    return {
      ...cluster,
      apiServerUrl,
      etcdUrl,
      caFile,
      tokens,
      folder,
      auditLog: () => readAuditLog(auditLogFile),
      startScheduler,
      stopComponent,
      killApiServer: () => apiServer.kill(),
      startApiServer: async (...flags) => {
        const from = Date.now();
        apiServer = start('kube-apiserver', [...apiServerFlags, ...flags]);
        await untilReady(apiServer, cluster.api.ready);
        starts.push({ from, until: Date.now() });
      },
      startComponents: async (names) => {
        for (const name of names) {
          if (name === 'kube-scheduler') await startScheduler([]);
          else if (name === 'kwok') start(name, kwokArguments(await kubeconfigFor('kwok')));
          else start(name, controllerManagerArguments(await kubeconfigFor(name), credentials, controllers));
        }
      },
      startProgram,
      processIds: () => started.map(({ pid }) => pid),
      logs,
      stop: async () => {
        // The file is gone after the first time.
        if (existsSync(auditLogFile)) await noteUsedRights(auditLogFile, starts);
        await cluster.stop();
        await Promise.all(started.map(({ exited }) => exited));
      },
    };
  } catch (error) {
    console.error(await logs());
    await lastResort.end();
    throw error;
  }
}
