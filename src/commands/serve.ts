import { setTimeout } from 'node:timers/promises';
import { dump } from 'js-yaml';
import type { Logger } from 'pino';
import { Steering } from '../admission/steering.ts';
import type { Config } from '../config/config.ts';
import { LOG_LEVELS } from '../config/log-levels.ts';
import { describeSilence } from '../domain/fleet/silence.ts';
import { LOG_LEVEL_PATH } from '../http/log-level.ts';
import { startOpsServer } from '../http/ops-server.ts';
import { routes } from '../http/routes.ts';
import { startServer } from '../http/server.ts';
import { createLog } from '../observability/log.ts';
import { checkRegularly, observe } from '../observability/observe.ts';
import { PlannerThread } from '../planning/planner-thread.ts';
import { VERSION } from '../version.ts';
import { type SeenLow, seenIn } from '../workloads/floors.ts';
import { publishFirstTargetSet, startBackground } from './background.ts';
import { runCleanUp } from './clean-up.ts';
import type { Command, CommandIo } from './command.ts';
import { CONFIG_FLAG, readConfigFlag } from './config-flag.ts';
import { ELECTION_FLAGS, electionTiming } from './election-flags.ts';
import { fleetAnswers } from './fleet-answers.ts';
import { FLEET_FLAGS, openFleet, WATCH_FLAG } from './fleet-source.ts';
import { type KeptTls, keepTls } from './keep-tls.ts';
import { stopSignal } from './stop-signal.ts';
import { TLS_FLAGS, tlsSource } from './tls-flags.ts';
import { type Arguments, readArguments, readChoice, readPort } from './usage.ts';

/** Megabytes: a forecast of 150,000 pods takes no more, if V8 may not put off its collections. */
const FORECAST_MEMORY = 48;

const FLAGS = {
  ...FLEET_FLAGS,
  ...WATCH_FLAG,
  ...CONFIG_FLAG,
  host: { type: 'string', value: 'ADDRESS', help: 'where to listen (default 0.0.0.0)' },
  port: {
    type: 'string',
    value: 'PORT',
    help: 'HTTPS, for the apiserver and schedulers; 0 takes a free one (default 8443)',
  },
  'ops-port': {
    type: 'string',
    value: 'PORT',
    help: 'HTTP, for probes, metrics, costs and plans; 0 takes a free one (default 8080)',
  },
  'expose-fleet': { type: 'boolean', help: '/costs and /plan answer other hosts too, not this one only' },
  ...TLS_FLAGS,
  ...ELECTION_FLAGS,
  'log-level': {
    type: 'string',
    value: 'LEVEL',
    help: `what is logged: ${LOG_LEVELS.join(', ')} (default info); PUT ${LOG_LEVEL_PATH} on the ops port changes it`,
  },
  'print-config': { type: 'boolean', help: 'print the configuration in effect, and end' },
  cleanup: { type: 'boolean', help: 'remove what packdown wrote from every pod, and end' },
} as const;

export const serve: Command = {
  name: 'serve',
  summary: 'the admission webhook and scheduler extender',
  synopsis: '(--fleet F.yaml | --kubeconfig F | --in-cluster) [flags]',
  examples: [
    'packdown serve --host 127.0.0.1 --fleet manifests/examples/fleet.yaml',
    'packdown serve --in-cluster --config config.yaml --tls-cert tls.crt --tls-key tls.key',
    'packdown serve --print-config --config config.yaml',
    'packdown serve --cleanup --kubeconfig ~/.kube/config',
  ],
  flags: FLAGS,

  async run(argv, io) {
    const args = readArguments(argv, FLAGS, io.environment);
    const config = await readConfigFlag(args, io.environment);
    if (args.isSet('print-config')) {
      io.stdout(dump(config).trimEnd());
      return 0;
    }
    const level = readChoice('log-level', args.text('log-level') ?? 'info', LOG_LEVELS);
    const log = await createLog(level);
    if (args.isSet('cleanup')) await runCleanUp(args, log, io);
    else {
      // From now on: one that comes while it starts is not lost.
      const { arrived, forget } = stopSignal();
      await serveUntil(arrived, args, config, log, io).finally(forget);
    }
    return 0;
  },
};

interface Part {
  close(): Promise<void>;
}

async function serveUntil(
  stopped: Promise<void>,
  args: Arguments,
  config: Config,
  log: Logger,
  io: CommandIo,
): Promise<void> {
  const open: Part[] = [];
  let isDraining = false;
  try {
    const server = await startServing(args, config, log, io, open, () => isDraining);
    await stopped;
    isDraining = true;
    log.info('shutting down');
    // First: what else ends may have to wait for an apiserver that does not answer, and a pod has 30 s.
    await server.close();
  } finally {
    for (const part of open.reverse()) await part.close();
  }
}

/** Starts every part and puts it into `open`, the last of which is closed first. Gives the HTTPS server. */
async function startServing(
  args: Arguments,
  config: Config,
  log: Logger,
  io: CommandIo,
  open: Part[],
  isDraining: () => boolean,
): Promise<Part> {
  const { now } = io;
  const host = args.text('host') ?? '0.0.0.0';
  const port = readPort('port', args.text('port') ?? '8443');
  const opsPort = readPort('ops-port', args.text('ops-port') ?? '8080');
  const tlsFrom = await tlsSource(args, now());
  const tls = await tlsFrom.read();
  const timing = electionTiming(args);

  const source = await openFleet(args, now, log);
  open.push(source);
  const { targetSet, lows } = source;
  const leadership = source.election(timing);
  let keptTls: KeptTls | null = null;
  const observability = observe({
    fleet: source.fleet,
    events: source.events,
    config,
    log,
    now,
    leads: () => leadership.isLeader(),
    certificateExpiry: () => keptTls?.expiry() ?? null,
  });
  open.push(checkRegularly(observability));
  const { fleet, metrics, timed } = observability;
  const { onAnswered, onForecast, onSteered, onHandshakeFailed, onRequestRefused } = observability;

  const onTrouble = (problem: string) => log.warn(problem);
  const planner = new PlannerThread({ onTrouble });
  open.push(planner);
  // A thread of its own for what takes longer than a review can wait: forecasts, and plans that somebody asks for.
  const slowPlanner = new PlannerThread({ onTrouble, mostMemory: FORECAST_MEMORY, endsWhenIdle: true });
  const { findTargets, prove } = slowPlanner;
  const seenLow: SeenLow = (workload, role) => seenIn(lows.current(), now())(workload, role);
  const steering = new Steering({
    fleet,
    config,
    targetSet,
    seenLow,
    now,
    wait: setTimeout,
    provenCallers: tls.clientCa !== null,
    solve: planner.solve,
    onSteered,
  });
  const forecasts = { fleet, targetSet, seenLow, config, now, onForecast };
  const cannotLookAhead = (error: unknown) =>
    log.warn({ problem: String(error) }, 'nothing could be looked ahead to; still trying');
  // A cluster's is there already, or comes when it has been read.
  if (source.isSynced()) await publishFirstTargetSet(forecasts).catch(cannotLookAhead);

  const ops = await startOpsServer({
    host,
    port: opsPort,
    log,
    version: VERSION,
    metrics,
    exposeFleet: args.isSet('expose-fleet'),
    unready: () => {
      if (isDraining()) return 'packdown is shutting down';
      if (!source.isSynced()) return describeSilence(null);
      return keptTls === null ? 'packdown is starting' : keptTls.unready();
    },
    ...fleetAnswers({ source, config, seenLow, now, prove }),
  });
  open.push(ops);
  const binder = tls.clientCa === null ? null : source.binder;
  const served = timed(routes({ fleet, config, steering, onAnswered, targetSet, binder }));
  const server = await startServer({ ...tls, host, port, log, routes: served, onRequestRefused, onHandshakeFailed });
  open.push(server);
  keptTls = keepTls({ source: tlsFrom, tls, server, api: source.api, log, now });
  open.push(keptTls);
  const background = startBackground({ ...forecasts, findTargets, lows, leadership, log });
  // In this order, so that a forecast that is under way is not waited for.
  open.push(background, slowPlanner);
  // Serving does not wait: until the fleet has been read, everything is allowed with a warning.
  source
    .start()
    .catch((error: unknown) => log.warn({ problem: String(error) }, 'the fleet could not be read; still trying'));
  log.info({ host, port: server.port, opsPort: ops.port, fleet: source.description, version: VERSION }, 'serving');
  return server;
}
