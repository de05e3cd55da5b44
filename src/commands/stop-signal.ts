const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Resolves on SIGTERM, as the kubelet sends it, or SIGINT; a second one, of either, ends the process at once. */
export async function stopSignal(): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  for (const signal of STOP_SIGNALS) process.on(signal, stopped.resolve);
  await stopped.promise;
  for (const signal of STOP_SIGNALS) process.off(signal, stopped.resolve);
}
