/** Evenly distributed numbers, the same sequence for the same seed in every process (mulberry32). */
export class Random {
  // Kept within 32 signed bits, which engines hold without an allocation.
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** Between 0 and 1, neither included. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 0x1_0000_0000;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
}
