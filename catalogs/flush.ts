/** Files flushed to disk, so that a power failure cannot leave holes in them. */
import { open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Flushes files one after the other, beside whatever else is done: what is left to flush at the end takes the less time. The
 * system tells of data that it could not write once only: a file whose data are lost is removed, so that nobody goes on from
 * it, and the first failure ends the run.
 */
export class EarlyFlush {
  readonly #flush: (file: string) => Promise<void>;
  readonly #waiting: string[] = [];
  #running: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(flush: (file: string) => Promise<void> = syncFile) {
    this.#flush = flush;
  }

  /** Throws what a file before could not be flushed for. */
  add(files: readonly string[]): void {
    if (this.#failure !== null) throw this.#failure.error;
    if (files.length === 0) return;
    this.#waiting.push(...files);
    this.#running ??= this.#run();
  }

  /** Forgets what waits, and ends when no file is open any more. Throws what a file could not be flushed for. */
  async stop(): Promise<void> {
    this.#waiting.length = 0;
    await this.#running;
    if (this.#failure !== null) throw this.#failure.error;
  }

  async #run(): Promise<void> {
    for (let file = this.#waiting.shift(); file !== undefined; file = this.#waiting.shift()) {
      try {
        await this.#flush(file);
      } catch (error) {
        this.#failure ??= { error };
        await rm(file, { force: true }).catch(() => undefined);
      }
    }
    this.#running = null;
  }
}

/** Files flushed at a time: as many as Node has threads for it. */
const SYNCS_IN_FLIGHT = 4;

/** Flushes all files of a tree, then its folders, so that no power failure leaves a hole in the output. */
export async function syncTree(root: string): Promise<void> {
  const files: string[] = [];
  const folders: string[] = [];
  if ((await stat(root)).isDirectory()) {
    folders.push(root);
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const location = path.join(entry.parentPath, entry.name);
      (entry.isDirectory() ? folders : files).push(location);
    }
  } else {
    files.push(root);
  }
  for (const list of [files, folders]) {
    for (let i = 0; i < list.length; i += SYNCS_IN_FLIGHT) {
      await Promise.all(list.slice(i, i + SYNCS_IN_FLIGHT).map(syncFile));
    }
  }
}

/** Some file systems cannot flush folders, and say so in different ways: they keep their names anyhow. */
export async function syncFile(location: string): Promise<void> {
  const handle = await open(location, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    if ((await handle.stat()).isDirectory()) await handle.sync().catch(() => undefined);
    else await handle.sync();
  } finally {
    await handle.close();
  }
}
