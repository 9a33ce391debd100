/** Finds the store for a path. */
import { requestError } from '../partitioning/error.ts';
import { localStore } from './local-store.ts';
import { schemeOf } from './path.ts';
import type { Store } from './store-port.ts';

export type { FileStat, Store, StoreEntry } from './store-port.ts';

/** The store that holds `path`. Throws the `request` error for a scheme this version cannot reach. */
export function storeFor(path: string): Store {
  const scheme = schemeOf(path);
  if (scheme === undefined || scheme === 'file') return localStore;
  throw requestError(
    `reading from ${scheme}:// is not available in this version`,
    'copy the catalog to a local disk and give its path',
    path,
  );
}
