import { createHash } from 'node:crypto';

/** Draws whole numbers from `least` to `most`, both included. */
export type Draw = (least: number, most: number) => number;

/** A sequence of its own for every name, the same in every run. */
export function seeded(seed: number, name: string): Draw {
  let drawn = 0;
  return (least, most) => {
    drawn += 1;
    const hash = createHash('sha256').update(`${seed} ${name} ${drawn}`).digest();
    return least + (hash.readUInt32BE() % (most - least + 1));
  };
}
