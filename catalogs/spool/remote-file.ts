/** What the spool knows of a remote Parquet file: its version, its size and its footer, kept from run to run. */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { storageError } from '../../partitioning/error.ts';
import { type Footer, parseFooter, readFooterBytes, TAIL_BYTES } from '../parquet-footer.ts';
import { metadataLength } from '../parquet-footer-parts.ts';
import type { FileTail, ReadOptions, Store } from '../store-port.ts';
import type { SpoolFolder } from './folder.ts';

export interface RemoteFile {
  readonly url: string;
  /** Its version: the ETag, or what stands for it. */
  readonly version: string;
  readonly size: number;
  /** Encoded FileMetaData. */
  readonly metadata: Uint8Array;
  readonly footer: Footer;
}

/** What is kept of a file, besides the metadata that follow it. */
interface Kept {
  readonly url: string;
  readonly version: string;
  readonly size: number;
}

/** A server that tells nothing by which versions could be told apart: what is fetched serves this run only. */
const NO_VERSION = 'unknown';
/** Footers of one data set are alike: the next read is as long as the longest so far, and some more. */
const MARGIN = 1.25;
const STEP_BYTES = 1 << 12;

/** Bytes of a tail that most likely holds the footer, where the longest so far had `longest` bytes. */
export function tailBytesFor(longest: number): number {
  return Math.ceil((longest * MARGIN) / STEP_BYTES) * STEP_BYTES;
}

/** Reads footers through a store, each once per version. */
export class FooterReader {
  readonly #store: Store;
  readonly #folder: SpoolFolder;
  readonly #onRead: ((bytes: number, requests: 1) => void) | undefined;
  /** Longest footer met per data set. */
  readonly #longest = new Map<string, number>();
  /** The first read of a data set, which says how much the others are to ask for. */
  readonly #first = new Map<string, Promise<unknown>>();

  /** @param onRead told the bytes of every tail that was read; throws where that was too much */
  constructor(store: Store, folder: SpoolFolder, onRead?: (bytes: number, requests: 1) => void) {
    this.#store = store;
    this.#folder = folder;
    this.#onRead = onRead;
  }

  /**
   * The file at `url`.
   * @param version that a listing told; otherwise the server is asked
   */
  async read(url: string, version: string | undefined, options: ReadOptions): Promise<RemoteFile> {
    const current = version ?? (await this.#currentVersion(url));
    if (current !== undefined) {
      const kept = await this.#kept(url, current);
      if (kept !== null) {
        options.meter?.add('spoolHits');
        return kept;
      }
    }
    const tail = await this.#tail(url, { ...options, etag: version });
    const length = metadataLength(tail.bytes);
    const metadata = tail.bytes.slice(tail.bytes.length - 8 - length, -8);
    const found = { url, version: tail.stat.etag ?? NO_VERSION, size: tail.stat.size };
    const file = { ...found, metadata, footer: await footerOf(metadata, url) };
    if (tail.stat.etag !== undefined) await this.#keep(found, metadata);
    return file;
  }

  /** Of the files of a data set one goes first: the others, asked at once, would all ask for more than they need. */
  async #tail(url: string, options: ReadOptions): Promise<FileTail> {
    const dataset = datasetOf(url);
    const first = this.#first.get(dataset);
    if (first !== undefined) await first;
    const longest = this.#longest.get(dataset);
    const tailBytes = longest === undefined ? TAIL_BYTES : tailBytesFor(longest);
    const reading = readFooterBytes(url, this.#store, undefined, { ...options, tailBytes }).then(
      (tail) => {
        this.#onRead?.(tail.bytes.length, 1);
        const known = this.#longest.get(dataset) ?? 0;
        this.#longest.set(dataset, Math.max(known, metadataLength(tail.bytes) + 8));
        return tail;
      },
    );
    // When it fails, the others find out for themselves.
    if (first === undefined)
      this.#first.set(
        dataset,
        reading.catch(() => {}),
      );
    return reading;
  }

  /** Where a version was met before, the server is asked whether it still is that one. */
  async #currentVersion(url: string): Promise<string | undefined> {
    const known = await readFile(this.#folder.urlFile(url), 'utf8').catch(() => undefined);
    if (known === undefined) return undefined;
    const stat = await this.#store.stat(url);
    if (stat === undefined) throw storageError('there is no such object', url, 'Check the path.');
    return stat.etag;
  }

  async #kept(url: string, version: string): Promise<RemoteFile | null> {
    const dir = this.#folder.objectDir(url, version);
    const names = await readdir(dir).catch(() => []);
    const name = names.find((candidate) => /^footer\.[0-9a-f]{8}$/.test(candidate));
    if (name === undefined) return null;
    const bytes = await readFile(path.join(dir, name)).catch(() => null);
    if (bytes === null || crc32(bytes) !== Number.parseInt(name.slice(7), 16)) return null;
    const end = bytes.indexOf(10);
    const kept = JSON.parse(bytes.toString('utf8', 0, end)) as Kept;
    if (kept.url !== url || kept.version !== version) return null;
    const metadata = new Uint8Array(bytes.subarray(end + 1));
    return { ...kept, metadata, footer: await footerOf(metadata, url) };
  }

  /** Best effort: a footer that cannot be kept is read again. */
  async #keep(kept: Kept, metadata: Uint8Array): Promise<void> {
    const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(kept)}\n`), metadata]);
    const dir = this.#folder.objectDir(kept.url, kept.version);
    const name = `footer.${crc32(bytes).toString(16).padStart(8, '0')}`;
    try {
      await this.#put(path.join(dir, name), bytes);
      await this.#put(this.#folder.urlFile(kept.url), Buffer.from(kept.version));
    } catch {
      // The disk may be full; what needs its space will say so.
    }
  }

  async #put(file: string, bytes: Uint8Array): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true });
    const own = this.#folder.privatePath();
    await writeFile(own, bytes);
    await rename(own, file);
  }
}

/** Files whose footers are alike; those of metadata files, which begin with an underscore, are like no leaf's. */
function datasetOf(url: string): string {
  return /\/_[^/]*$/.test(url) ? url : url.replace(/(\/dataset\/|\/[^/]*$).*/s, '');
}

async function footerOf(metadata: Uint8Array, url: string): Promise<Footer> {
  const whole = new Uint8Array(metadata.length + 8);
  whole.set(metadata);
  new DataView(whole.buffer).setUint32(metadata.length, metadata.length, true);
  whole.set([0x50, 0x41, 0x52, 0x31], metadata.length + 4);
  return parseFooter(whole, url);
}

/** True for a file whose fetched parts must not outlive the run: nothing tells one version from another. */
export function isUnversioned({ version }: RemoteFile): boolean {
  return version === NO_VERSION;
}
