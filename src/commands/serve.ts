import { dump } from 'js-yaml';
import { pino } from 'pino';
import { Steering } from '../admission/steering.ts';
import { takeBackMarks } from '../admission/take-back.ts';
import { type Config, milliseconds } from '../config/config.ts';
import { CodedError } from '../domain/coded-error.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import { POLICIES } from '../domain/victims/policies.ts';
import { startOpsServer } from '../http/ops-server.ts';
import { routes } from '../http/routes.ts';
import { startServer } from '../http/server.ts';
import { PlannerThread } from '../planning/planner-thread.ts';
import { VERSION } from '../version.ts';
import { reportCosts } from '../workloads/cost-report.ts';
import type { Command, CommandIo } from './command.ts';
import { CONFIG_FLAG, readConfigFlag } from './config-flag.ts';
import { FLEET_FLAGS, openFleet } from './fleet-source.ts';
import { type KeptTls, keepTls } from './keep-tls.ts';
import { planReport } from './plan.ts';
import { TLS_FLAGS, tlsSource } from './tls-flags.ts';
import { type Arguments, readArguments, readChoice, readPort } from './usage.ts';

const FLAGS = {
  ...FLEET_FLAGS,
  ...CONFIG_FLAG,
  ...TLS_FLAGS,
  host: { type: 'string' },
  port: { type: 'string' },
  'ops-port': { type: 'string' },
  'expose-fleet': { type: 'boolean' },
  'print-config': { type: 'boolean' },
} as const;

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** How often overdue marks are looked for: a fraction of the time after which they are. */
const TAKE_BACK_CHECKS = 10;

export const serve: Command = {
  name: 'serve',
  summary: 'the admission webhook and scheduler extender',
  synopsis:
    '(--fleet F.yaml | --kubeconfig F | --in-cluster) [--config F] [--host 0.0.0.0] [--port 8443] [--ops-port 8080] [--tls-cert F --tls-key F | --tls-secret NAMESPACE/NAME] [--service NAME.NAMESPACE.svc] [--client-ca F] [--expose-fleet] [--print-config]',

  async run(argv, io) {
    const args = readArguments(argv, FLAGS, io.environment);
    const config = await readConfigFlag(args, io.environment);
    if (args.isSet('print-config')) {
      io.stdout(dump(config).trimEnd());
      return 0;
    }
    await serveUntilStopped(args, config, io);
    return 0;
  },
};

async function serveUntilStopped(args: Arguments, config: Config, io: CommandIo): Promise<void> {
  const level = readChoice('log-level', args.text('log-level') ?? 'info', LOG_LEVELS);
  const log = pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
  const host = args.text('host') ?? '0.0.0.0';
  const port = readPort('port', args.text('port') ?? '8443');
  const opsPort = readPort('ops-port', args.text('ops-port') ?? '8080');
  const tlsFiles = await tlsSource(args, io.now());
  const tls = await tlsFiles.read();

  const source = await openFleet(args, io.now, log);
  const open: { close(): Promise<void> }[] = [source];
  try {
    const { fleet } = source;
    const wait = (duration: number) => new Promise<void>((resolve) => setTimeout(resolve, duration));
    const planner = new PlannerThread({ onTrouble: (problem) => log.warn(problem) });
    open.push(planner);
    const provenCallers = tls.clientCa !== null;
    const steering = new Steering({ fleet, config, now: io.now, wait, provenCallers, solve: planner.solve });
    let draining = false;
    let keptTls: KeptTls | null = null;
    const ops = await startOpsServer({
      host,
      port: opsPort,
      log,
      version: VERSION,
      exposeFleet: args.isSet('expose-fleet'),
      unready: () => {
        if (draining) return 'packdown is shutting down';
        if (!source.isSynced()) return 'the fleet has not been read yet';
        return keptTls === null ? 'packdown is starting' : keptTls.unready();
      },
      costs: () => reportCosts(fleet.snapshot()),
      plan: ({ scales, policy }) => {
        if (scales.length === 0)
          throw new CodedError('InvalidScale', 'name at least one ?scale=KIND/NAMESPACE/NAME[:ROLE]=REPLICAS');
        const chosen = policy === null ? config.policy : readChoice('policy', policy, POLICIES);
        return planReport(scales, chosen, fleet.snapshot(), config, io.now());
      },
    });
    open.push(ops);
    const server = await startServer({ ...tls, host, port, log, routes: routes({ fleet, config, steering, log }) });
    open.push(server);
    keptTls = keepTls({ source: tlsFiles, tls, server, api: source.api, log, now: io.now });
    open.push(keptTls);
    const stopTakingBack = takeBackRegularly(fleet, config, io.now, (problem) =>
      log.error({ problem }, 'marks could not be taken back'),
    );
    open.push({ close: async () => stopTakingBack() });
    // Serving does not wait: until the fleet has been read, everything is allowed with a warning.
    source
      .start()
      .catch((error: unknown) => log.error({ problem: String(error) }, 'the fleet could not be read; still trying'));
    log.info({ host, port: server.port, opsPort: ops.port, fleet: source.description, version: VERSION }, 'serving');

    await stopSignal();
    draining = true;
    log.info('shutting down');
  } finally {
    for (const part of open.reverse()) await part.close();
  }
}

function takeBackRegularly(
  fleet: Fleet,
  config: Config,
  now: () => number,
  onProblem: (problem: string) => void,
): () => void {
  const interval = Math.max(100, milliseconds(config.steering.takeBack) / TAKE_BACK_CHECKS);
  const timer = setInterval(() => {
    takeBackMarks(fleet, config, now()).catch((error: unknown) => onProblem(String(error)));
  }, interval);
  return () => clearInterval(timer);
}

/** Resolves on SIGTERM, as the kubelet sends it, or SIGINT; a second one, of either, ends the process at once. */
async function stopSignal(): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  for (const signal of STOP_SIGNALS) process.on(signal, stopped.resolve);
  await stopped.promise;
  for (const signal of STOP_SIGNALS) process.off(signal, stopped.resolve);
}
