/**
 * Several places of one data set: when the one in use goes down, reading goes on at another that has the same bytes,
 * which is known by the file's own version, or by a fingerprint of the whole catalog.
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
  /** The place that is used instead, once the chosen one went down. */
  instead: string | null;
}

const known = new Map<string, Mirrors>();
let fingerprintOf: Fingerprint = async () => null;

/** Remembers the other places of what lies below `base`. */
export function addMirrors(
  base: string,
  others: readonly string[],
  fingerprint: string | null,
  how: Fingerprint = fingerprintOf,
): void {
  fingerprintOf = how;
  const trim = (url: string) => url.replace(/\/+$/, '');
  known.set(trim(base), { base: trim(base), others: others.map(trim), fingerprint, instead: null });
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
  async function run<T>(path: string, options: ReadOptions, read: Read<T>): Promise<T> {
    const mirrors = mirrorsOf(path);
    if (mirrors === undefined) return read(store, path, options);
    if (mirrors.instead === null) {
      try {
        return await read(store, path, options);
      } catch (error) {
        if (!isDown(error)) throw error;
        const below = path.slice(mirrors.base.length);
        mirrors.instead = await sameElsewhere(store, mirrors, below, options.etag);
        if (mirrors.instead === null) throw error;
      }
    }
    const other = `${mirrors.instead}${path.slice(mirrors.base.length)}`;
    const place = isRemote(other) ? store : localStore;
    // The same bytes may go by another tag there: it is looked up, and then held to.
    const stat = await place.stat(other);
    return read(place, other, { ...options, etag: isRemote(other) ? stat?.etag : undefined });
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

/** The first other place that answers with the same bytes. */
async function sameElsewhere(
  store: Store,
  { others, fingerprint }: Mirrors,
  below: string,
  etag: string | undefined,
): Promise<string | null> {
  for (const other of others) {
    const place = isRemote(other) ? store : localStore;
    const stat = await place.stat(`${other}${below}`).catch(() => undefined);
    if (stat === undefined) continue;
    if (etag !== undefined && stat.etag === etag) return other;
    if (fingerprint !== null && (await fingerprintOf(other).catch(() => null)) === fingerprint) {
      return other;
    }
  }
  return null;
}
