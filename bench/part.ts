import type { Table } from './report.ts';

/** How much time a part may take: with `quick` some 30 s, else some 6 minutes. */
export interface Effort {
  readonly quick: boolean;
}

/** What a part has measured. */
export interface Findings {
  /** For people and scripts, a ratio on a line of its own: `validate vs go: 1.12x (p99 0.9x)`. */
  readonly lines: readonly string[];
  readonly tables: readonly Table[];
}

/** One subject of `npm run bench`, a section of bench/RESULTS.md. It cleans up after itself, also when it fails. */
export interface Part {
  /** As on the command line and in the names of plots: `speed`. */
  readonly name: string;
  readonly title: string;
  /** Markdown on what is measured, beside what, how, and how often without `quick`. No figures: those come from `measure`. */
  readonly intro: string;
  measure(effort: Effort): Promise<Findings>;
}
