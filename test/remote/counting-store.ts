/** A store of local files, named test://<path>, for tests of the spool. */
import { readFileSync } from 'node:fs';
import { localStore } from '../../catalogs/local-store.ts';
import type { ByteRange } from '../../catalogs/spool/chunks.ts';
import type { Store } from '../../catalogs/store-port.ts';

/** Counts what is asked of it. */
export function countingStore(etag = '"1"'): {
  store: Store;
  ranges: ByteRange[];
  tails: () => number;
} {
  const ranges: ByteRange[] = [];
  let tails = 0;
  const pathOf = (url: string) => url.replace('test://', '');
  const store: Store = {
    ...localStore,
    stat: async (url) => ({ size: readFileSync(pathOf(url)).length, etag }),
    readRange: async (url, start, end) => {
      ranges.push({ start, end });
      return new Uint8Array(readFileSync(pathOf(url)).subarray(start, end));
    },
    readTail: async (url, bytes) => {
      tails++;
      const whole = readFileSync(pathOf(url));
      const from = Math.max(0, whole.length - bytes);
      return { bytes: new Uint8Array(whole.subarray(from)), stat: { size: whole.length, etag } };
    },
  };
  return { store, ranges, tails: () => tails };
}
