import { CodedError } from '../domain/coded-error.ts';
import { seenIn } from '../workloads/floors.ts';
import type { Command } from './command.ts';
import { CONFIG_FLAG, readConfigFlag } from './config-flag.ts';
import { explanation } from './explanation.ts';
import { FLEET_FLAGS, withSnapshot } from './fleet-source.ts';
import { readArguments } from './usage.ts';

const FLAGS = { ...FLEET_FLAGS, ...CONFIG_FLAG } as const;

export const explain: Command = {
  name: 'explain',
  summary: 'why a pod has its cost, or in which order a workload’s replicas would go',
  synopsis: '(--fleet F.yaml | --kubeconfig F) (NAMESPACE/POD | KIND/NAMESPACE/NAME) [flags]',
  examples: [
    'packdown explain --fleet manifests/examples/fleet.yaml ModelServing/llm/chat',
    'packdown explain --kubeconfig ~/.kube/config llm/chat-1-decode-1-1',
  ],
  flags: FLAGS,

  async run(argv, io) {
    const args = readArguments(argv, FLAGS, io.environment, { allowPositionals: true });
    const [name, ...more] = args.positionals;
    if (name === undefined || more.length > 0)
      throw new CodedError('WrongUsage', 'explain takes one pod or one workload');
    const config = await readConfigFlag(args, io.environment);
    await withSnapshot(args, io, (snapshot, _targetSet, lows) =>
      io.stdout(explanation(name, { snapshot, config, seenLow: seenIn(lows, io.now()), now: io.now() })),
    );
    return 0;
  },
};
