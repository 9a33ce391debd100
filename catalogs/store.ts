/** Finds the store for a path. */
import { requestError } from '../partitioning/error.ts';
import { localStore } from './local-store.ts';
import { schemeOf } from './path.ts';
import { withMirrors } from './remote/mirrors.ts';
import { remoteStore } from './remote/remote-store.ts';
import type { Store } from './store-port.ts';

export type { FileStat, Store, StoreEntry } from './store-port.ts';

/** Remote places, and where else what they hold may be had. */
export const reliableStore: Store = withMirrors(remoteStore);

/** The store that holds `path`. Throws the `request` error for a scheme this version cannot reach. */
export function storeFor(path: string): Store {
  const scheme = schemeOf(path);
  if (scheme === undefined || scheme === 'file') return localStore;
  if (scheme === 's3' || scheme === 'http' || scheme === 'https') return reliableStore;
  throw requestError(
    `${scheme}:// is not a kind of path that can be read`,
    'give a local path, s3://, https:// or http://',
    path,
  );
}
