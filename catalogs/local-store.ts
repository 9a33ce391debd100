/** The {@link Store} over the local file system. */
import type { Stats } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type CrosshatchError, storageError } from '../partitioning/error.ts';
import { makeFolder } from './make-folder.ts';
import { absolutePath } from './path.ts';
import type { FileStat, Store, StoreEntry } from './store-port.ts';

/** Files looked at together while listing: enough to hide latency, few enough for any descriptor limit. */
const STATS_IN_FLIGHT = 64;

/** Takes absolute and relative paths and `file://` URLs. */
export const localStore = {
  async stat(location: string): Promise<FileStat | undefined> {
    const found = await statOf(absolutePath(location));
    if (found === undefined || !found.isFile()) return undefined;
    return { size: found.size, etag: `${found.size}-${found.mtimeMs}` };
  },

  async readRange(location: string, start: number, end: number): Promise<Uint8Array> {
    const file = absolutePath(location);
    const bytes = new Uint8Array(end - start);
    const handle = await open(file, 'r').catch(fail('could not be read', file));
    try {
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle
          .read(bytes, filled, bytes.length - filled, start + filled)
          .catch(fail('could not be read', file));
        if (bytesRead === 0) {
          const what = `the file ends at byte ${start + filled}, before byte ${end} that was asked for`;
          throw storageError(what, file, 'it may have been cut short or replaced while in use');
        }
        filled += bytesRead;
      }
    } finally {
      await handle.close();
    }
    return bytes;
  },

  async readAll(location: string, maxBytes?: number): Promise<Uint8Array> {
    const file = absolutePath(location);
    if (maxBytes !== undefined) {
      const size = (await statOf(file))?.size ?? 0;
      if (size > maxBytes) {
        throw storageError(`the file has ${size} bytes, more than the ${maxBytes} expected`, file);
      }
    }
    return new Uint8Array(await readFile(file).catch(fail('could not be read', file)));
  },

  async list(dir: string): Promise<StoreEntry[]> {
    const parent = absolutePath(dir);
    const names = await readdir(parent).catch((error: NodeJS.ErrnoException) => {
      if (isMissing(error)) return [];
      throw failure('could not be listed', parent, error);
    });
    names.sort();
    const entries: StoreEntry[] = [];
    for (let i = 0; i < names.length; i += STATS_IN_FLIGHT) {
      const slice = names.slice(i, i + STATS_IN_FLIGHT);
      entries.push(...(await Promise.all(slice.map((name) => entryOf(parent, name)))).flat());
    }
    return entries;
  },

  async write(location: string, bytes: Uint8Array): Promise<void> {
    await writeLocalChunks(location, [bytes]);
  },
} satisfies Store;

/**
 * Writes a file piece by piece, whole or not at all: the pieces go to a hidden file beside it, which is
 * flushed to disk and renamed once complete.
 */
export async function writeLocalChunks(
  location: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = absolutePath(location);
  const directory = path.dirname(file);
  const staged = path.join(
    directory,
    `.${path.basename(file)}.${process.pid}-${nextStaged()}.part`,
  );
  try {
    await makeFolder(directory);
    const handle = await open(staged, 'wx');
    try {
      for await (const chunk of chunks) {
        // A single write may take only part of its buffer, so it is the call for whole buffers.
        await handle.writeFile(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(staged, file);
    await syncDirectory(directory);
  } catch (error) {
    // Where not even a staged file could be made, there is none to remove.
    await rm(staged, { force: true }).catch(() => undefined);
    if (isSystemError(error)) throw failure('could not be written', file, error);
    throw error;
  }
}

let stagedFiles = 0;

/** Tells apart files that one process stages at the same time. */
function nextStaged(): number {
  stagedFiles += 1;
  return stagedFiles;
}

/** Makes a rename durable; file systems that cannot open directories do without. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}

async function statOf(file: string): Promise<Stats | undefined> {
  return stat(file).catch((error: NodeJS.ErrnoException) => {
    if (isMissing(error)) return undefined;
    throw failure('could not be looked at', file, error);
  });
}

/** One entry, links followed; none where the name vanished or its link leads nowhere. */
async function entryOf(parent: string, name: string): Promise<StoreEntry[]> {
  const file = path.join(parent, name);
  const found = await statOf(file);
  if (found === undefined) return [];
  const directory = found.isDirectory();
  return [{ path: file, name, directory, size: directory ? 0 : found.size }];
}

function isMissing(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ENOENT' || error.code === 'ENOTDIR';
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}

function fail(what: string, file: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw failure(what, file, error);
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'part of its path is not a directory',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'too many open files',
};

function failure(what: string, file: string, error: NodeJS.ErrnoException): CrosshatchError {
  const reason = REASONS[error.code ?? ''] ?? error.message;
  return storageError(`the file ${what}: ${reason}`, file);
}
