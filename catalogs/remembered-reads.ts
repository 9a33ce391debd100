/**
 * Over a network a read costs a round trip, and opening a catalog asks for some files twice: this wrapper answers the
 * second time from memory, and lets reads be started before their answers are needed. It lives for one opening.
 */
import { TAIL_BYTES } from './parquet-footer.ts';
import { MAX_PARTITION_LIST_BYTES, PARTITION_LIST } from './partition-info.ts';
import { joinPath } from './path.ts';
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

/**
 * Starts the reads of what opening the table in `directory` asks for one after the other: together they take one round
 * trip. The store has to be one that remembers; where a read costs no round trip, nothing is done.
 */
export function startReads(directory: string, store: Store): void {
  const { find, readTail } = store;
  // A properties file may stand for the directory that it is in: then nothing is known of its place yet.
  if (find === undefined || readTail === undefined || /properties$/.test(directory)) return;
  const dataset = joinPath(directory, 'dataset');
  void readTail(joinPath(dataset, '_metadata'), TAIL_BYTES);
  void readTail(joinPath(dataset, '_common_metadata'), TAIL_BYTES);
  void find(joinPath(directory, PARTITION_LIST), MAX_PARTITION_LIST_BYTES);
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
