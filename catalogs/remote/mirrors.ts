/**
 * Several places of one data set: when the one in use goes down, reading goes on at another that has the same bytes.
 * Of one file that is known by its version, of all files by a fingerprint of the catalog; a copy that shares some
 * files and differs in others is used for the former only.
 */
import { localStore } from '../local-store.ts';
import { isRemote } from '../path.ts';
import type { FileStat, ReadOptions, Store } from '../store-port.ts';
import { isPassingFailure } from './problem.ts';

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

type Read<T> = (store: Store, path: string, options: ReadOptions) => Promise<T>;

/** One read, at the first place that may answer for the chosen one where that is down. */
async function readSomewhere<T>(
  store: Store,
  path: string,
  options: ReadOptions,
  read: Read<T>,
): Promise<T> {
  const placeOf = (url: string) => (isRemote(url) ? store : localStore);
  const mirrors = mirrorsOf(path);
  if (mirrors === undefined) return read(store, path, options);
  const { base, others, down } = mirrors;
  let failure: unknown = null;
  let absentAt: string | null = null;
  let exists = false;
  if (!down.has(base)) {
    try {
      return await read(store, path, options);
    } catch (error) {
      if (!isPassingFailure(error)) throw error;
      failure = error;
    }
  }
  const below = path.slice(base.length);
  for (const other of others.filter((url) => !down.has(url))) {
    const place = placeOf(other);
    const version = await versionAt(place, mirrors, other, below, options.etag);
    if (version === undefined) continue;
    down.add(base);
    if (version === NOT_THERE) {
      // A copy may be incomplete: another place may have the file still.
      absentAt ??= other;
      continue;
    }
    exists = true;
    try {
      const etag = version === NO_VERSION || place === localStore ? undefined : version;
      return await read(place, `${other}${below}`, { ...options, etag });
    } catch (error) {
      if (!isPassingFailure(error)) throw error;
      down.add(other);
      failure ??= error;
    }
  }
  if (absentAt !== null && !exists) {
    return read(placeOf(absentAt), `${absentAt}${below}`, options);
  }
  if (failure !== null) throw failure;
  // Others have other bytes, or none: what the chosen place says is what there is to say.
  return read(store, path, options);
}

/** `store`, going on at a mirror of a place that does not answer any more. */
export function withMirrors(store: Store): Store {
  const run = <T>(path: string, options: ReadOptions, read: Read<T>) =>
    readSomewhere(store, path, options, read);
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
/** Says that a place with the same catalog has no such file. */
const NOT_THERE = Symbol('not there');

/**
 * The version of a file at another place, where its bytes are the same as here; `undefined` where they are not, or
 * where nothing tells.
 */
async function versionAt(
  place: Store,
  mirrors: Mirrors,
  other: string,
  below: string,
  etag: string | undefined,
): Promise<string | typeof NOT_THERE | undefined> {
  const url = `${other}${below}`;
  const before = mirrors.versions.get(url);
  if (before !== undefined) {
    // The place may have been taken for the one version that it shares: who wants another is not served there.
    const fits = etag === undefined || etag === before || (await isSameCatalog(mirrors, other));
    return fits ? before : undefined;
  }
  let stat: FileStat | undefined;
  try {
    stat = await place.stat(url);
  } catch {
    return undefined;
  }
  const hasVersion = stat !== undefined && etag !== undefined && stat.etag === etag;
  if (!hasVersion && !(await isSameCatalog(mirrors, other))) return undefined;
  // Who knows a version has seen the file: a place without it is no copy of that.
  if (stat === undefined) return etag === undefined ? NOT_THERE : undefined;
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
