/**
 * Frees results of DuckDB that nothing refers to any more. V8 sees only the small objects in front of them and would
 * let hundreds of megabytes of native memory wait for a collection, every page of it touched for the first time.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options?: { readonly type: 'minor' }) => void;

let collect: Collect | null = null;

function collector(): Collect {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  return collect;
}

/** Everything; takes milliseconds. */
export function freeAll(): void {
  collector()();
}

/** What was made since the last time, in a quarter of a millisecond: the memory is used again by what comes next. */
export async function freeYoung(): Promise<void> {
  collector()({ type: 'minor' });
  // Native memory is let go in a turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
}
