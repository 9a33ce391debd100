/** Ctrl-C and a polite kill: the first one stops the run, the second one ends the process. */
import { EXIT_INTERRUPTED } from './fail.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interrupts {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  release(): void;
}

/** Listens until released; `onFirst` is called with the first signal. */
export function catchInterrupts(onFirst: () => void): Interrupts {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    onFirst();
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
