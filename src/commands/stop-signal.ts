import { constants } from 'node:os';

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** SIGTERM, as the kubelet sends it, or SIGINT, heard from now on. */
export interface StopSignal {
  /** Resolves once one has come; another one then ends the process at once. */
  readonly arrived: Promise<void>;
  /** Leaves the signals to what Node does with them. */
  forget(): void;
}

export function stopSignal(): StopSignal {
  const { promise, resolve } = Promise.withResolvers<void>();
  const forget = () => {
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  };
  const stop = () => {
    forget();
    for (const signal of STOP_SIGNALS) {
      // What the kernel does with a signal that nobody handles it does not do for process 1, which an image's is.
      process.once(signal, () => process.exit(128 + constants.signals[signal]));
    }
    resolve();
  };
  for (const signal of STOP_SIGNALS) process.once(signal, stop);
  return { arrived: promise, forget };
}
