import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';

const PATIENCE = 10_000;

/** Waits until a condition holds; fails with its description when it takes too long. */
export async function until(description: string, holds: () => boolean, patience = PATIENCE): Promise<void> {
  const end = performance.now() + patience;
  while (!holds()) {
    assert.ok(performance.now() < end, `waited in vain until ${description}`);
    await setImmediate();
  }
}
