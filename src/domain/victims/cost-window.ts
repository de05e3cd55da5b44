/** Integers strictly between two costs; either end may be infinite. */
export interface CostWindow {
  readonly above: number;
  readonly below: number;
}

/** Whether a cost lies inside; the ends do not. */
export function contains(window: CostWindow, cost: number): boolean {
  return cost > window.above && cost < window.below;
}

/**
 * The middle of a window with two finite ends, null when no integer fits. What is no higher leaves half of the room for
 * scale-downs that come while this one is still in progress.
 */
export function middle(window: CostWindow): number | null {
  const lowest = window.above + 1;
  const highest = window.below - 1;
  return lowest > highest ? null : lowest + Math.floor((highest - lowest) / 2);
}
