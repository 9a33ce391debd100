/**
 * Over a network a read costs a round trip, and opening a catalog asks for some files twice: this wrapper answers the
 * second time from memory, and lets reads be started before their answers are needed. It lives for one opening.
 */
import type { FileTail, Store } from './store-port.ts';

/** Whole files and tails read through the store are remembered; a store without those reads is returned as it is. */
export function rememberReads(store: Store): Store {
  const { find, readTail } = store;
  if (find === undefined || readTail === undefined) return store;
  const files = new Map<string, Promise<Uint8Array | undefined>>();
  const tails = new Map<string, Promise<FileTail | undefined>>();
  return {
    ...store,
    find: (path, maxBytes, options) =>
      remembered(files, path, () => find.call(store, path, maxBytes, options)),
    readTail: (path, bytes, options) =>
      remembered(tails, `${bytes} ${path}`, () => readTail.call(store, path, bytes, options)),
  };
}

function remembered<T>(
  known: Map<string, Promise<T>>,
  key: string,
  read: () => Promise<T>,
): Promise<T> {
  let found = known.get(key);
  if (found === undefined) {
    found = read();
    // Whoever asks hears of the failure; a read that was only started early may never be asked for.
    found.catch(() => {});
    known.set(key, found);
  }
  return found;
}
