/**
 * The spool: parts of remote Parquet files as local ones that any reader takes for ordinary. What is asked for is
 * named by row groups and columns of one version of an object; what is there already is used, the rest is fetched.
 * Made for one run: within it, a file is of one version.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { abortedError, CrosshatchError } from '../../partitioning/error.ts';
import { orAborted } from '../../partitioning/or-aborted.ts';
import type { Meter } from '../meter.ts';
import { type Footer, parseFooter } from '../parquet-footer.ts';
import type { Store } from '../store-port.ts';
import { entryName, groupsKey, isSound, parseEntryName, readNote } from './entry.ts';
import { type Choice, type ChunkSource, type FillPlan, fill, planFill } from './fill.ts';
import { type SpoolFolder, spoolError } from './folder.ts';
import { FooterReader, isUnversioned, type RemoteFile } from './remote-file.ts';
import { isVouched, vouch } from './vouch.ts';

export interface HoldRequest {
  readonly url: string;
  /** Version that a listing told. */
  readonly etag?: string | undefined;
  /** What is needed of the file; the same for the same file whenever row numbers are to mean the same. */
  readonly choose: (footer: Footer, url: string) => Choice;
}

/** A local stand-in for a remote file, there until it is released. */
export interface HeldFile {
  /** Local path of a Parquet file that has the chosen chunks; reading others of its columns fails. */
  readonly path: string;
  readonly url: string;
  /** For each row group that is there: number of its first row in the remote file, and its rows. */
  readonly groups: readonly { readonly firstRow: number; readonly rows: number }[];
  /** Leaf columns that are there, by number. */
  readonly leaves: readonly number[];
  readonly footer: Footer;
  readonly bytes: number;
  release(): Promise<void>;
}

/** Told of data before they are fetched, and of footers after; throws to end what is too much. */
export type OnFetch = (bytes: number, requests: number) => void;

export interface SpoolOptions {
  readonly meter: Meter;
  readonly onFetch?: OnFetch | undefined;
}

/** An entry that somebody uses, or waits for. */
interface Lease {
  readonly file: RemoteFile;
  readonly choice: Choice;
  readonly end: AbortController;
  users: number;
  ready: Promise<{ path: string; bytes: number }>;
}

/** Entries that are known to be whole. */
const sound = new Set<string>();

export class Spool {
  readonly #folder: SpoolFolder;
  readonly #store: Store;
  readonly #options: SpoolOptions;
  readonly #footers: FooterReader;
  readonly #files = new Map<string, Promise<RemoteFile>>();
  /** Leases by object and row groups. */
  readonly #leases = new Map<string, Lease[]>();
  readonly #end = new AbortController();

  constructor(folder: SpoolFolder, store: Store, options: SpoolOptions) {
    this.#folder = folder;
    this.#store = store;
    this.#options = options;
    this.#footers = new FooterReader(store, folder, options.onFetch);
  }

  /** What is known of a remote file; read once. */
  file(url: string, etag?: string): Promise<RemoteFile> {
    let known = this.#files.get(url);
    if (known === undefined) {
      known = this.#footers.read(url, etag, {
        meter: this.#options.meter,
        signal: this.#end.signal,
      });
      // Whoever asks hears of a failure; the next task of the run would meet the same.
      known.catch(() => {});
      this.#files.set(url, known);
    }
    return known;
  }

  /** Waits until what `request` needs is local. Throws the `aborted` error when `signal` says so. */
  async hold(request: HoldRequest, signal?: AbortSignal): Promise<HeldFile> {
    const file = await orAborted(this.file(request.url, request.etag), signal);
    const choice = request.choose(file.footer, request.url);
    const lease = this.#lease(file, choice);
    lease.users++;
    try {
      const { path: local, bytes } = await orAborted(lease.ready, signal);
      return {
        path: local,
        url: file.url,
        groups: placesOf(file.footer, choice.groups),
        leaves: lease.choice.leaves,
        footer: file.footer,
        bytes,
        release: () => this.#release(lease),
      };
    } catch (error) {
      await this.#release(lease);
      throw error;
    }
  }

  /** Ends the run: stops what is on its way, and resolves when nothing is written any more. */
  async close(): Promise<void> {
    this.#end.abort(abortedError());
    const leases = [...this.#leases.values()].flat();
    await Promise.allSettled([...this.#files.values(), ...leases.map(({ ready }) => ready)]);
  }

  /** What a hold would have to fetch, without fetching it. */
  async cost(request: HoldRequest): Promise<{ bytes: number; requests: number }> {
    const file = await this.file(request.url, request.etag);
    const { ranges } = planFill(file, request.choose(file.footer, request.url), []);
    const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    return { bytes, requests: ranges.length };
  }

  #lease(file: RemoteFile, choice: Choice): Lease {
    const key = `${file.url}\n${groupsKey(choice.groups)}`;
    const leases = this.#leases.get(key) ?? [];
    const fitting = leases.find((lease) => covers(lease.choice, choice));
    if (fitting !== undefined) return fitting;
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, this.#end.signal]);
    const ready = this.#makeReady(file, choice, leases.slice(), signal);
    // Whoever holds it hears of the failure.
    ready.catch(() => {});
    const lease: Lease = { file, choice, end, users: 0, ready };
    this.#leases.set(key, [...leases, lease]);
    return lease;
  }

  async #release(lease: Lease): Promise<void> {
    lease.users--;
    if (lease.users > 0) return;
    const key = `${lease.file.url}\n${groupsKey(lease.choice.groups)}`;
    const others = (this.#leases.get(key) ?? []).filter((other) => other !== lease);
    if (others.length === 0) this.#leases.delete(key);
    else this.#leases.set(key, others);
    lease.end.abort(abortedError());
    const made = await lease.ready.catch(() => null);
    if (made !== null) await this.#folder.drop(made.path);
  }

  async #makeReady(
    file: RemoteFile,
    choice: Choice,
    others: readonly Lease[],
    signal: AbortSignal,
  ): Promise<{ path: string; bytes: number }> {
    const dir = this.#folder.objectDir(file.url, file.version);
    const found = isUnversioned(file) ? [] : await this.#entries(dir, choice);
    const whole = found.find((entry) => covers(entry.choice, choice));
    if (whole !== undefined) {
      for (const entry of found) if (entry !== whole) await this.#folder.drop(entry.path);
      this.#options.meter.add('spoolHits');
      return { path: whole.path, bytes: whole.bytes };
    }
    try {
      // Of an entry that has it all nobody asks where in it things are.
      const sources = await Promise.all(found.map(sourceOfEntry));
      const borrowed = others.filter((other) => other.users > 0);
      for (const other of borrowed) {
        // What is on its way is waited for rather than fetched again.
        other.users++;
        const made = await other.ready.catch(() => null);
        if (made !== null) sources.push(await sourceOf(made.path, other.choice, file));
      }
      try {
        return await this.#fetch(planFill(file, choice, sources), dir, signal);
      } finally {
        for (const other of borrowed) await this.#release(other);
      }
    } finally {
      for (const entry of found) await this.#folder.drop(entry.path);
    }
  }

  async #fetch(
    plan: FillPlan,
    dir: string,
    signal: AbortSignal,
  ): Promise<{ path: string; bytes: number }> {
    const { onFetch } = this.#options;
    const bytes = plan.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    onFetch?.(bytes, plan.ranges.length);
    await this.#folder.makeRoom(plan.bytes);
    try {
      return await this.#fill(plan, dir, signal);
    } finally {
      this.#folder.landed(plan.bytes);
    }
  }

  async #fill(
    plan: FillPlan,
    dir: string,
    signal: AbortSignal,
  ): Promise<{ path: string; bytes: number }> {
    const { meter } = this.#options;
    for (let isSecond = false; ; isSecond = true) {
      const own = this.#folder.privatePath();
      try {
        const { note, footer } = await fill(plan, own, this.#store, { signal, meter });
        if (!isUnversioned(plan.file)) {
          const name = entryName(note, footer);
          await this.#folder.share(own, dir, name);
          await this.#vouch(path.join(dir, name), own);
        }
        return { path: own, bytes: plan.bytes + footer.length };
      } catch (error) {
        await this.#folder.drop(own);
        const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC';
        if (isFull && !isSecond) {
          await this.#folder.makeAllRoom();
          continue;
        }
        if (error instanceof CrosshatchError || signal.aborted) throw error;
        throw spoolError(error, own);
      }
    }
  }

  async #vouch(shared: string, own: string): Promise<void> {
    sound.add(shared);
    await vouch(shared, own, this.#folder.privatePath());
  }

  /** Entries of the same row groups, taken and checked; others, and damaged ones, are left or removed. */
  async #entries(dir: string, choice: Choice): Promise<Found[]> {
    const wanted = groupsKey(choice.groups);
    const found: Found[] = [];
    for (const name of (await readdir(dir).catch(() => [])).sort()) {
      const parsed = parseEntryName(name);
      if (parsed?.groups !== wanted) continue;
      const shared = path.join(dir, name);
      const own = await this.#folder.take(shared);
      if (own === null) continue;
      const entry = await readNote(own, parsed.sum);
      const isKnown = sound.has(shared) || (await isVouched(shared, own));
      if (entry === null || !(isKnown || (await isSound(own, entry.note)))) {
        await this.#folder.drop(own);
        await this.#folder.remove(shared);
        continue;
      }
      if (isKnown) sound.add(shared);
      else await this.#vouch(shared, own);
      const bytes = entry.note.sums.reduce((sum, n, i) => (i % 2 === 0 ? sum + n : sum), 0);
      const { groups, leaves } = entry.note;
      found.push({
        path: own,
        bytes: bytes + entry.footer.length,
        choice: { groups, leaves },
        footer: entry.footer,
      });
    }
    return found;
  }
}

interface Found {
  readonly path: string;
  readonly choice: Choice;
  readonly bytes: number;
  /** Its own, encoded. */
  readonly footer: Uint8Array;
}

async function sourceOfEntry({ path: local, footer, choice }: Found): Promise<ChunkSource> {
  return { path: local, startOf: startIn(await parseFooter(footer, local), choice) };
}

function covers(has: Choice, wants: Choice): boolean {
  if (groupsKey(has.groups) !== groupsKey(wants.groups)) return false;
  const leaves = new Set(has.leaves);
  return wants.leaves.every((leaf) => leaves.has(leaf));
}

/** A finished fill of this process as a source: chunks lie one after the other, as {@link planFill} placed them. */
async function sourceOf(local: string, choice: Choice, file: RemoteFile): Promise<ChunkSource> {
  const plan = planFill(file, choice, []);
  const starts = new Map(plan.chunks.map(({ group, leaf, to }) => [`${group}/${leaf}`, to]));
  return { path: local, startOf: (group, leaf) => starts.get(`${group}/${leaf}`) ?? -1 };
}

function startIn(placed: Footer, { groups, leaves }: Choice): ChunkSource['startOf'] {
  const has = new Set(leaves);
  return (group, leaf) => {
    const at = groups.indexOf(group);
    if (at < 0 || !has.has(leaf)) return -1;
    return placed.rowGroups[at]!.columns[leaf]!.start;
  };
}

function placesOf(footer: Footer, groups: readonly number[]): HeldFile['groups'] {
  const firstRows: number[] = [];
  let row = 0;
  for (const { rows } of footer.rowGroups) {
    firstRows.push(row);
    row += rows;
  }
  return groups.map((group) => ({
    firstRow: firstRows[group]!,
    rows: footer.rowGroups[group]!.rows,
  }));
}
