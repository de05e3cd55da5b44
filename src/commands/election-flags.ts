import type { ElectionTiming } from '../cluster/live/leader-election.ts';
import { CodedError } from '../domain/coded-error.ts';
import { type Arguments, readDuration } from './usage.ts';

/** As Kubernetes' own components call them. */
export const ELECTION_FLAGS = {
  'leader-elect-lease-duration': {
    type: 'string',
    value: 'DURATION',
    help: 'a leader that is silent for so long is replaced; whole seconds (default 15s)',
  },
  'leader-elect-renew-deadline': {
    type: 'string',
    value: 'DURATION',
    help: 'a leader that cannot renew its Lease for so long stops leading (default 10s)',
  },
  'leader-elect-retry-period': {
    type: 'string',
    value: 'DURATION',
    help: 'between two attempts to get or renew the Lease (default 2s)',
  },
} as const;

/** The timing of the leader election, by default that of Kubernetes' own components. Throws CodedError `WrongUsage`. */
export function electionTiming(args: Arguments): ElectionTiming {
  const read = (flag: keyof typeof ELECTION_FLAGS, otherwise: string) =>
    readDuration(flag, args.text(flag) ?? otherwise);
  const leaseDuration = read('leader-elect-lease-duration', '15s');
  const renewDeadline = read('leader-elect-renew-deadline', '10s');
  const retryPeriod = read('leader-elect-retry-period', '2s');
  if (leaseDuration % 1000 !== 0) throw wrong('--leader-elect-lease-duration is in whole seconds');
  if (leaseDuration <= renewDeadline)
    throw wrong('--leader-elect-lease-duration must be longer than --leader-elect-renew-deadline');
  // An attempt takes up to half the deadline, and a second one must fit in.
  if (retryPeriod === 0 || retryPeriod * 2 > renewDeadline)
    throw wrong('--leader-elect-retry-period must be over 0 and at most half of --leader-elect-renew-deadline');
  return { leaseDuration, renewDeadline, retryPeriod };
}

function wrong(problem: string): CodedError {
  return new CodedError('WrongUsage', problem);
}
