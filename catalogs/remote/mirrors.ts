/**
 * Several places of one data set: when the one in use goes down, reading goes on at another that has the same bytes.
 * Of one file that is known by its version, of all files by a fingerprint of the catalog; a copy that shares some
 * files and differs in others is used for the former only.
 */
import { CrosshatchError } from '../../partitioning/error.ts';
import { localStore } from '../local-store.ts';
import { isRemote } from '../path.ts';
import type { ReadOptions, Store } from '../store-port.ts';
import { Problem } from './problem.ts';

/** What a catalog at a place is known by; null where nothing tells. */
export type Fingerprint = (base: string) => Promise<string | null>;

interface Mirrors {
  readonly base: string;
  readonly others: readonly string[];
  /** Of the place that was chosen. */
  readonly fingerprint: string | null;
  readonly fingerprintOf: Fingerprint;
  /** Places that did not answer any more. */
  readonly down: Set<string>;
  /** Whether the catalog at another place is the same, by place. */
  readonly same: Map<string, Promise<boolean>>;
  /** By URL: the version of a file that is read instead, which all its parts must be of. */
  readonly versions: Map<string, string>;
}

const known = new Map<string, Mirrors>();

/** Remembers the other places of what lies below `base`. */
export function addMirrors(
  base: string,
  others: readonly string[],
  fingerprint: string | null,
  fingerprintOf: Fingerprint,
): void {
  const trim = (url: string) => url.replace(/\/+$/, '');
  known.set(trim(base), {
    base: trim(base),
    others: others.map(trim),
    fingerprint,
    fingerprintOf,
    down: new Set(),
    same: new Map(),
    versions: new Map(),
  });
}

function mirrorsOf(path: string): Mirrors | undefined {
  for (const mirrors of known.values()) {
    if (path.startsWith(`${mirrors.base}/`)) return mirrors;
  }
  return undefined;
}

/** A failure of the place, not of the request: tries again have been of no use. */
function isDown(error: unknown): boolean {
  const cause = error instanceof CrosshatchError ? error.cause : undefined;
  return cause instanceof Problem && cause.isPassing;
}

type Read<T> = (store: Store, path: string, options: ReadOptions) => Promise<T>;

/** `store`, going on at a mirror of a place that does not answer any more. */
export function withMirrors(store: Store): Store {
  const placeOf = (url: string) => (isRemote(url) ? store : localStore);

  async function run<T>(path: string, options: ReadOptions, read: Read<T>): Promise<T> {
    const mirrors = mirrorsOf(path);
    if (mirrors === undefined) return read(store, path, options);
    const { base, others, down } = mirrors;
    let failure: unknown = null;
    if (!down.has(base)) {
      try {
        return await read(store, path, options);
      } catch (error) {
        if (!isDown(error)) throw error;
        failure = error;
      }
    }
    const below = path.slice(base.length);
    for (const other of others.filter((url) => !down.has(url))) {
      const place = placeOf(other);
      const version = await versionAt(place, mirrors, other, below, options.etag);
      if (version === undefined) continue;
      down.add(base);
      try {
        const etag = version === NO_VERSION || place === localStore ? undefined : version;
        return await read(place, `${other}${below}`, { ...options, etag });
      } catch (error) {
        if (!isDown(error)) throw error;
        down.add(other);
        failure ??= error;
      }
    }
    if (failure !== null) throw failure;
    // Others have other bytes, or none: what the chosen place says is what there is to say.
    return read(store, path, options);
  }
  return {
    ...store,
    stat: (path) => run(path, {}, (at, where) => at.stat(where)),
    readRange: (path, start, end, options = {}) =>
      run(path, options, (at, where, how) => at.readRange(where, start, end, how)),
    readTail: (path, bytes, options = {}) =>
      run(path, options, async (at, where, how) => {
        if (at.readTail !== undefined) return at.readTail(where, bytes, how);
        const stat = await at.stat(where);
        if (stat === undefined) return undefined;
        const from = Math.max(0, stat.size - bytes);
        return { bytes: await at.readRange(where, from, stat.size), stat };
      }),
    find: (path, maxBytes, options = {}) =>
      run(path, options, async (at, where, how) => {
        if (at.find !== undefined) return at.find(where, maxBytes, how);
        return (await at.stat(where)) === undefined ? undefined : at.readAll(where, maxBytes);
      }),
  };
}

/** Stands for the version of a file where a server tells none. */
const NO_VERSION = '';

/** The version of a file at another place, where its bytes are the same as here; `undefined` where they are not. */
async function versionAt(
  place: Store,
  mirrors: Mirrors,
  other: string,
  below: string,
  etag: string | undefined,
): Promise<string | undefined> {
  const url = `${other}${below}`;
  const before = mirrors.versions.get(url);
  if (before !== undefined) return before;
  const stat = await place.stat(url).catch(() => undefined);
  if (stat === undefined) return undefined;
  const isSame =
    (etag !== undefined && stat.etag === etag) || (await isSameCatalog(mirrors, other));
  if (!isSame) return undefined;
  // Who asked first decides for all that ask: reads of another version are refused then.
  const version = mirrors.versions.get(url) ?? stat.etag ?? NO_VERSION;
  mirrors.versions.set(url, version);
  return version;
}

function isSameCatalog(mirrors: Mirrors, other: string): Promise<boolean> {
  const { fingerprint, fingerprintOf, same } = mirrors;
  if (fingerprint === null) return Promise.resolve(false);
  let found = same.get(other);
  if (found === undefined) {
    found = fingerprintOf(other).then(
      (theirs) => theirs === fingerprint,
      () => {
        // It may only be out of reach for now.
        same.delete(other);
        return false;
      },
    );
    same.set(other, found);
  }
  return found;
}
