import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** See data/README.md. */
const FOLDER = join(import.meta.dirname, 'data');

/** Thousandths of a whole device. */
export const WHOLE = 1000;

/** What a pod requests. CPUs and GPUs are in thousandths, memory in MiB. */
export interface PodShape {
  readonly cpu: number;
  readonly memory: number;
  /** GPUs that it is on. */
  readonly devices: number;
  /** What it takes of each of them: less than a whole one if it shares it. */
  readonly ofDevice: number;
}

/** What a node has. CPUs are in thousandths, memory in MiB. */
export interface NodeShape {
  readonly cpu: number;
  readonly memory: number;
  readonly devices: number;
}

export function openbNodes(): readonly NodeShape[] {
  return rows('openb-nodes.csv').flatMap(([cpu = 0, memory = 0, devices = 0, count = 0]) =>
    Array.from({ length: count }, () => ({ cpu, memory, devices })),
  );
}

/** A list of pods that openb's nodes are to hold. */
export interface Trace {
  /** As data/fgd-published.csv has it, if it does. */
  readonly name: string;
  readonly title: string;
  /** Pods of the same requests are the same object. */
  pods(): readonly PodShape[];
}

export const TRACES: readonly Trace[] = [
  { name: 'default', title: 'as recorded', pods: () => recorded('default') },
  { name: 'multigpu50', title: 'half of the GPUs for pods with several', pods: () => recorded('multigpu50') },
  {
    name: 'whole',
    title:
      'half of the GPUs for pods with several, as on tainted nodes with a device plugin: GPU pods only, whole GPUs',
    pods: () => recorded('multigpu50', (shape) => (shape.devices === 0 ? [] : [{ ...shape, ofDevice: WHOLE }])),
  },
];

function recorded(
  column: 'default' | 'multigpu50',
  asShapes = (shape: PodShape): readonly PodShape[] => [shape],
): readonly PodShape[] {
  return rows('openb-pods.csv').flatMap(([cpu = 0, memory = 0, devices = 0, ofDevice = 0, normal = 0, multi = 0]) =>
    asShapes({ cpu, memory, devices, ofDevice }).flatMap((shape) =>
      Array.from({ length: column === 'default' ? normal : multi }, () => shape),
    ),
  );
}

/** What FGD's authors published for a trace: percent of the GPUs that a policy allocated. */
export function published(trace: Trace): readonly (readonly [policy: string, percent: string])[] {
  return lines('fgd-published.csv')
    .map((line) => line.split(','))
    .flatMap(([name, policy = '', percent = '']) => (name === trace.name ? [[policy, percent] as const] : []));
}

function rows(file: string): readonly (readonly number[])[] {
  return lines(file).map((line) => line.split(',').map(Number));
}

function lines(file: string): readonly string[] {
  return readFileSync(join(FOLDER, file), 'utf8').trim().split('\n').slice(1);
}
