/** Makes one entry: chunks that are local already are copied, the others fetched in few ranges side by side. */
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { dataError } from '../../partitioning/error.ts';
import type { ColumnChunk } from '../parquet-footer.ts';
import type { ReadOptions, Store } from '../store-port.ts';
import { type ByteRange, mergedRanges } from './chunks.ts';
import { denseFooter } from './dense-footer.ts';
import { type EntryNote, NOTE_KEY, readAt } from './entry.ts';
import { isUnversioned, type RemoteFile } from './remote-file.ts';

/** Row groups and leaf columns, by their numbers, both ascending. */
export interface Choice {
  readonly groups: readonly number[];
  readonly leaves: readonly number[];
}

/** A local file that has some of the chunks. */
export interface ChunkSource {
  readonly path: string;
  /** Start of the chunk in the local file, or −1. */
  startOf(group: number, leaf: number): number;
}

export interface FillPlan {
  readonly file: RemoteFile;
  readonly choice: Choice;
  readonly chunks: readonly PlacedChunk[];
  /** What has to be fetched. */
  readonly ranges: readonly ByteRange[];
  /** Bytes of the new entry, without its footer. */
  readonly bytes: number;
}

interface PlacedChunk {
  readonly group: number;
  readonly leaf: number;
  /** Where it lies in the remote file. */
  readonly from: ByteRange;
  /** Where it will lie in the entry. */
  readonly to: number;
  readonly source: ChunkSource | null;
}

const MARK = new TextEncoder().encode('PAR1');

/** Lays the entry out. Throws the `data` error when the footer points outside its file. */
export function planFill(
  file: RemoteFile,
  choice: Choice,
  sources: readonly ChunkSource[],
): FillPlan {
  const chunks: PlacedChunk[] = [];
  let to = MARK.length;
  for (const group of choice.groups) {
    const { columns } = file.footer.rowGroups[group]!;
    for (const leaf of choice.leaves) {
      const chunk = columns[leaf]!;
      checkPlace(chunk, file);
      const source = sources.find((candidate) => candidate.startOf(group, leaf) >= 0) ?? null;
      chunks.push({ group, leaf, from: { start: chunk.start, end: chunk.end }, to, source });
      to += chunk.end - chunk.start;
    }
  }
  const ranges = mergedRanges(chunks.flatMap(({ from, source }) => (source ? [] : [from])));
  return { file, choice, chunks, ranges, bytes: to };
}

function checkPlace({ name, start, end }: ColumnChunk, { url, size }: RemoteFile): void {
  if (start >= MARK.length && end >= start && end <= size) return;
  throw dataError(
    `the footer places column ${name} at bytes ${start} to ${end} of a file of ${size}`,
    url,
    'The file is damaged.',
  );
}

/** Fetches and copies what the plan says to `path`; returns the note and the footer of the finished entry. */
export async function fill(
  plan: FillPlan,
  path: string,
  store: Store,
  options: ReadOptions,
): Promise<{ note: EntryNote; footer: Uint8Array }> {
  const { file, choice, chunks } = plan;
  const handle = await open(path, 'wx');
  try {
    await handle.write(MARK, 0, MARK.length, 0);
    const pieces: Piece[] = [];
    await together(plan, handle, pieces, store, options);
    pieces.sort((a, b) => a.at - b.at);
    const note: EntryNote = {
      url: file.url,
      version: file.version,
      groups: choice.groups,
      leaves: choice.leaves,
      sums: pieces.flatMap(({ length, sum }) => [length, sum]),
    };
    const footer = denseFooter(file.metadata, placedGroups(plan), {
      key: NOTE_KEY,
      value: JSON.stringify(note),
    });
    await writeAll(handle, footer, plan.bytes);
    const placed = pieces.reduce((sum, { length }) => sum + length, MARK.length);
    if (placed !== plan.bytes || chunks.length !== choice.groups.length * choice.leaves.length) {
      throw new Error(`an entry of ${plan.bytes} bytes has ${placed}`);
    }
    return { note, footer };
  } finally {
    await handle.close();
  }
}

/** A part of the entry that was written in one go. */
interface Piece {
  readonly at: number;
  readonly length: number;
  readonly sum: number;
}

/** Everything at once; the first failure ends the rest, and is thrown when nothing writes any more. */
async function together(
  plan: FillPlan,
  handle: FileHandle,
  pieces: Piece[],
  store: Store,
  options: ReadOptions,
): Promise<void> {
  const end = new AbortController();
  const signal = AbortSignal.any([end.signal, ...(options.signal ? [options.signal] : [])]);
  let failure: { error: unknown } | null = null;
  const put = async (bytes: Uint8Array, at: number) => {
    if (bytes.length === 0) return;
    await writeAll(handle, bytes, at);
    pieces.push({ at, length: bytes.length, sum: crc32(bytes) });
  };
  const copied = plan.chunks.filter(({ source }) => source !== null);
  const fetched = plan.chunks.filter(({ source }) => source === null);
  const etag = isUnversioned(plan.file) ? undefined : plan.file.version;
  const work = [
    copyChunks(copied, put),
    ...plan.ranges.map(async (range) => {
      const how = { ...options, signal, etag };
      const bytes = await store.readRange(plan.file.url, range.start, range.end, how);
      for (const { from, to } of fetched) {
        const start = Math.max(from.start, range.start);
        const stop = Math.min(from.end, range.end);
        if (stop <= start) continue;
        await put(bytes.subarray(start - range.start, stop - range.start), to + start - from.start);
      }
    }),
  ];
  await Promise.all(
    work.map((part) =>
      part.catch((error: unknown) => {
        failure ??= { error };
        end.abort(error);
      }),
    ),
  );
  if (failure !== null) throw (failure as { error: unknown }).error;
}

async function copyChunks(
  chunks: readonly PlacedChunk[],
  put: (bytes: Uint8Array, at: number) => Promise<void>,
): Promise<void> {
  const handles = new Map<string, FileHandle>();
  try {
    for (const { group, leaf, from, to, source } of chunks) {
      let handle = handles.get(source!.path);
      if (handle === undefined) {
        handle = await open(source!.path, 'r');
        handles.set(source!.path, handle);
      }
      const start = source!.startOf(group, leaf);
      await put(await readAt(handle, start, start + from.end - from.start), to);
    }
  } finally {
    for (const handle of handles.values()) await handle.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(
      bytes,
      written,
      bytes.length - written,
      at + written,
    );
    written += bytesWritten;
  }
}

function placedGroups({ file, choice, chunks }: FillPlan) {
  const starts = new Map(chunks.map(({ group, leaf, to }) => [`${group}/${leaf}`, to]));
  return choice.groups.map((group) => ({
    group,
    starts: file.footer.rowGroups[group]!.columns.map(
      (_, leaf) => starts.get(`${group}/${leaf}`) ?? -1,
    ),
  }));
}
