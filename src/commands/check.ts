import { admissionHandler } from '../admission/handler.ts';
import { type AdmissionRequest, readReview } from '../admission/review.ts';
import { validate } from '../admission/validate.ts';
import { FleetIndex } from '../cluster/fleet-index.ts';
import { CodedError, messageOf } from '../domain/coded-error.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { listTexts, objectAt, textOf } from '../workloads/core/json.ts';
import type { Command } from './command.ts';
import { CONFIG_FLAG, readConfigFlag } from './config-flag.ts';
import { readTextFile } from './files.ts';
import { FLEET_FLAGS, fleetsNamed, withSnapshot } from './fleet-source.ts';
import { printable } from './printable.ts';
import { readArguments } from './usage.ts';

const FLAGS = {
  review: { type: 'string', value: 'F.json', help: 'the AdmissionReview, as kube-apiserver sends it' },
  ...FLEET_FLAGS,
  ...CONFIG_FLAG,
} as const;

export const check: Command = {
  name: 'check',
  summary: 'the verdict of the ordering rules on one AdmissionReview; exit 1 when it is denied',
  synopsis: '--review F.json [--fleet F.yaml | --kubeconfig F] [flags]',
  examples: [
    'packdown check --review manifests/examples/reviews/chat-without-decode.json',
    'packdown check --review manifests/examples/reviews/scale-chat-4-to-3.json --fleet manifests/examples/fleet.yaml',
  ],
  flags: FLAGS,

  async run(argv, io) {
    const args = readArguments(argv, FLAGS, io.environment);
    const path = args.text('review');
    if (path === undefined) throw new CodedError('WrongUsage', 'check needs --review F.json');
    const body = readBody(await readTextFile(path), path);
    const config = await readConfigFlag(args, io.environment);
    const judge = async (snapshot: Snapshot) => {
      const decide = (request: AdmissionRequest) =>
        validate(request, snapshot, config, { now: io.now(), staleness: 0 }).decision;
      return objectAt(await admissionHandler(decide, () => undefined)(body), 'response');
    };
    // Rules that need no fleet can be checked without one.
    const response = fleetsNamed(args).length > 0 ? await withSnapshot(args, io, judge) : await judge(new FleetIndex());
    const message = textOf(objectAt(response, 'status').message);
    io.stdout(response.allowed === true ? 'allowed' : printable(`denied: ${message}`));
    for (const warning of listTexts(response, 'warnings')) io.stdout(`warning: ${warning}`);
    return response.allowed === true ? 0 : 1;
  },
};

function readBody(text: string, path: string): unknown {
  const body = parseJson(text, path);
  try {
    readReview(body);
    return body;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    throw new CodedError(error.code, `${path}: ${error.message}`);
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    // Some editors put a byte order mark before it.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new CodedError('UnreadableFile', `${path} is not JSON: ${messageOf(error)}`);
  }
}
