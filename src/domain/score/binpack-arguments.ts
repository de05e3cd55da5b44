import type { BinpackWeights } from './binpack.ts';

/**
 * Reads the arguments of Volcano's binpack plugin (`calculateWeight` in `pkg/scheduler/plugins/binpack/binpack.go`):
 *
 *     binpack.weight: 10
 *     binpack.cpu: 5
 *     binpack.memory: 1
 *     binpack.resources: nvidia.com/gpu, example.com/foo
 *     binpack.resources.nvidia.com/gpu: 2
 *
 * Every weight defaults to 1; cpu and memory are always listed, other resources only by `binpack.resources`. As in
 * Volcano, a weight that is no whole number counts as not given, and a negative one as 1, except `binpack.weight`,
 * which may be negative and then turns packing into spreading. Unlike Volcano since 1.6, a whole number in quotes is
 * read too.
 */
export function parseBinpackArguments(args: Readonly<Record<string, string | number>>): BinpackWeights {
  const resources = new Map<string, number>();
  for (const name of listedResources(args['binpack.resources'])) {
    resources.set(name, resourceWeight(args[`binpack.resources.${name}`]));
  }
  resources.set('cpu', resourceWeight(args['binpack.cpu']));
  resources.set('memory', resourceWeight(args['binpack.memory']));
  return { weight: wholeNumber(args['binpack.weight']) ?? 1, resources };
}

function listedResources(list: string | number | undefined): readonly string[] {
  return String(list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function resourceWeight(value: string | number | undefined): number {
  const weight = wholeNumber(value) ?? 1;
  return weight < 0 ? 1 : weight;
}

function wholeNumber(value: string | number | undefined): number | undefined {
  const isWhole = typeof value === 'string' ? /^[+-]?\d+$/.test(value) : Number.isSafeInteger(value);
  return isWhole ? Number(value) : undefined;
}
