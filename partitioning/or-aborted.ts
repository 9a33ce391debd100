/** Waiting for work that others may want, too, for as long as a signal allows. */
import { abortedError } from './error.ts';

/** `work`, or the `aborted` error as soon as the signal says so; the work goes on for others. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortedError());
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
