import type { SuiteContext, TestContext } from 'node:test';
import type { ControlPlane } from './control-plane.ts';

/** Prints the last log lines of all programs if a test has failed: for `afterEach`. */
export async function printLogsOfFailure(
  context: TestContext | SuiteContext,
  { logs }: Pick<ControlPlane, 'logs'>,
): Promise<void> {
  if ('passed' in context && !context.passed) console.error(await logs());
}
