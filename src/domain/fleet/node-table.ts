import type { LoadedNode } from './node.ts';

/**
 * Nodes by place, a small whole number: what is kept of thousands of nodes then lies side by side in memory, where maps
 * by name would have the processor wait for each.
 */
export interface NodeTable {
  /** Places are below it; some may be free. */
  readonly size: number;
  /** Another number whenever a place has got another node, or none. */
  readonly layout: number;
  placeOf(name: string): number | undefined;
  /** The same object as long as the version at the place is the same; undefined at a free place. */
  nodeAt(place: number): LoadedNode | undefined;
  /** 1 or more, and another one whenever the node, or what is used of it, has changed. */
  versionAt(place: number): number;
}
