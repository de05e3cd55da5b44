import type { FoundTools } from './tools.ts';

/**
 * The `skip` of a suite or test: why the programs that were found are not enough for it, or false. With E2E_REQUIRED=1,
 * as in CI, nothing is skipped: it throws instead.
 */
export function skipWithout(needed: 'apiserver' | 'controllers', found: FoundTools): string | false {
  const reason = missing(needed, found);
  if (reason !== false && process.env.E2E_REQUIRED === '1') throw new Error(`E2E_REQUIRED=1, but ${reason}`);
  return reason;
}

function missing(needed: 'apiserver' | 'controllers', found: FoundTools): string | false {
  if ('reason' in found) return found.reason;
  return needed === 'controllers' && found.onlyApiServer && 'KUBEBUILDER_ASSETS has no controllers: unset it';
}
