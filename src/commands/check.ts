import { admissionHandler } from '../admission/handler.ts';
import { validate } from '../admission/validate.ts';
import { EmbeddedFleet } from '../cluster/embedded/embedded-fleet.ts';
import { FleetIndex } from '../cluster/fleet-index.ts';
import { CodedError } from '../domain/coded-error.ts';
import { listTexts, objectAt, textOf } from '../workloads/core/json.ts';
import type { Command } from './command.ts';
import { CONFIG_FLAG, readConfigFlag } from './config-flag.ts';
import { readTextFile } from './files.ts';
import { FLEET_FLAGS, type FleetSource, openFleet } from './fleet-source.ts';
import { type Arguments, readArguments } from './usage.ts';

const FLAGS = { ...FLEET_FLAGS, ...CONFIG_FLAG, review: { type: 'string' } } as const;

export const check: Command = {
  name: 'check',
  summary: 'the verdict of the ordering rules on one AdmissionReview; exit 1 when it is denied',
  synopsis: '--review F.json [--fleet F.yaml | --kubeconfig F] [--config F]',

  async run(argv, io) {
    const args = readArguments(argv, FLAGS, io.environment);
    const path = args.text('review');
    if (path === undefined) throw new CodedError('WrongUsage', 'check needs --review F.json');
    const body = parseJson(await readTextFile(path), path);
    const config = await readConfigFlag(args, io.environment);
    const source = await openFleetIfNamed(args, io.now);
    try {
      const snapshot = source.fleet.snapshot();
      const handle = admissionHandler(
        (request) => validate(request, snapshot, config).decision,
        () => undefined,
      );
      const response = objectAt(await handle(body), 'response');
      const message = textOf(objectAt(response, 'status').message);
      io.stdout(response.allowed === true ? 'allowed' : `denied: ${message}`);
      for (const warning of listTexts(response, 'warnings')) io.stdout(`warning: ${warning}`);
      return response.allowed === true ? 0 : 1;
    } finally {
      await source.close();
    }
  },
};

/** Rules that need no fleet can be checked without one. */
async function openFleetIfNamed(args: Arguments, now: () => number): Promise<FleetSource> {
  const isNamed = args.text('fleet') !== undefined || args.text('kubeconfig') !== undefined || args.isSet('in-cluster');
  if (isNamed) return openFleet(args, now);
  return { fleet: new EmbeddedFleet(new FleetIndex(), now), description: 'no fleet', close: async () => undefined };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CodedError(
      'UnreadableFile',
      `${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
