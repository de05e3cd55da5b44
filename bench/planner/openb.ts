import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/domain/planner/random.ts';

/** GPU nodes of openb (Weng et al., "Beware of Fragmentation", USENIX ATC'23), see data/README.md. */
const FILE = join(import.meta.dirname, 'data', 'openb-nodes.csv');

/** The numbers of GPUs of `count` nodes drawn from openb's mix. */
export function openbNodes(count: number, seed: number): readonly number[] {
  const [, ...lines] = readFileSync(FILE, 'utf8').trim().split('\n');
  const all = lines.flatMap((line) => {
    const [gpus = 0, nodes = 0] = line.split(',').map(Number);
    return Array.from({ length: nodes }, () => gpus);
  });
  const random = new Random(seed);
  return Array.from({ length: count }, () => all[random.below(all.length)] ?? 0);
}
