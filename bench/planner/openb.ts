import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/domain/planner/random.ts';

/** GPU nodes of openb (Weng et al., "Beware of Fragmentation", USENIX ATC'23; Apache-2.0); outside of this repository. */
const FILE = join(import.meta.dirname, '../../../shared/datasets/openb-gpu-v2023/openb_node_list_gpu_node.csv');

/** The numbers of GPUs of `count` nodes drawn from openb's mix, or null where the data set is not at hand. */
export function openbNodes(count: number, seed: number): readonly number[] | null {
  if (!existsSync(FILE)) return null;
  const [header, ...lines] = readFileSync(FILE, 'utf8').trim().split('\n');
  const column = header?.split(',').indexOf('gpu') ?? -1;
  const gpus = lines.map((line) => Number(line.split(',')[column]));
  const random = new Random(seed);
  return Array.from({ length: count }, () => gpus[random.below(gpus.length)] ?? 0);
}
