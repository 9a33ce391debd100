/** Ctrl-C and a polite kill: the first one stops the run, the second one ends the process. */

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interrupts {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  release(): void;
}

/** Listens until released, or for good once a signal has come; `onFirst` is called with the first one. */
export function catchInterrupts(onFirst: () => void): Interrupts {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) endAtOnce();
    onFirst();
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release() {
      // A second signal may come while the process is on its way out, and means the same then.
      if (controller.signal.aborted) return;
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}

/**
 * Dies of SIGINT, which a shell reports as 130. `process.exit` would take worker threads down in the middle of
 * the database's native code, and that now and then aborts the process with a dump instead.
 */
function endAtOnce(): void {
  for (const name of SIGNALS) process.removeAllListeners(name);
  process.kill(process.pid, 'SIGINT');
}
