/** How many rows each partition has: exactly where metadata or footers say so, else by its share of bytes. */
import type { Pixel } from '../partitioning/pixel.ts';
import { decodedPath } from './leaf-files.ts';
import type { MetadataLeaf } from './metadata-rows.ts';
import { readFooter } from './parquet-footer.ts';
import { joinPath } from './path.ts';
import type { Store } from './store.ts';
import type { LeafFile, Partition } from './types.ts';

/** What is known of a catalog besides its list of files. */
export interface RowSources {
  /** Directory that paths in `_metadata` are relative to. */
  readonly datasetDirectory: string;
  /** What `_metadata` says, where it was read. */
  readonly metadata?: readonly MetadataLeaf[];
  /** `hats_nrows`. */
  readonly totalRows?: number;
  /** Bytes of all files as the properties estimate them, for files whose sizes are not known. */
  readonly totalBytes?: number;
}

/** Up to this many footers are read for exact numbers when nothing else gives the rows. */
const MAX_FOOTERS = 64;
/** Footers read to learn the rows per byte of a catalog with more files than that. */
const SAMPLED_FOOTERS = 16;
/** Footers read at a time. */
const FOOTERS_IN_FLIGHT = 16;

/** Partitions with their rows; `leaves[i]` are the files of `pixels[i]`. */
export async function countedPartitions(
  pixels: readonly Pixel[],
  leaves: readonly (readonly LeafFile[])[],
  sources: RowSources,
  store: Store,
): Promise<Partition[]> {
  const known = rowsByFile(sources);
  const sized = withSizes(leaves, known, sources);
  const files = sized.flat();
  const rows = new Map<LeafFile, number>();
  for (const file of files) {
    const entry = known.get(file.path);
    // A file shorter than its own row groups was replaced after the metadata were written.
    if (entry !== undefined && entry.end <= file.bytes) rows.set(file, entry.rows);
  }
  let rowsPerByte = 0;
  if (rows.size < files.length) {
    const unknown = files.filter((file) => !rows.has(file));
    if (sources.totalRows !== undefined) {
      rowsPerByte = sources.totalRows / Math.max(1, bytesOf(files));
    } else if (unknown.length < MAX_FOOTERS) {
      await readRows(unknown, rows, store);
    } else {
      const step = unknown.length / SAMPLED_FOOTERS;
      const sample = Array.from(
        { length: SAMPLED_FOOTERS },
        (_, i) => unknown[Math.floor(i * step)]!,
      );
      await readRows(sample, rows, store);
      const counted = files.filter((file) => rows.has(file));
      rowsPerByte =
        counted.reduce((sum, f) => sum + rows.get(f)!, 0) / Math.max(1, bytesOf(counted));
    }
  }
  return pixels.map((pixel, i) => ({
    pixel,
    files: sized[i]!,
    rows: sized[i]!.reduce((sum, f) => sum + (rows.get(f) ?? Math.round(f.bytes * rowsPerByte)), 0),
    rowsExact: sized[i]!.every((file) => rows.has(file)),
  }));
}

function bytesOf(files: readonly LeafFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

async function readRows(files: readonly LeafFile[], rows: Map<LeafFile, number>, store: Store) {
  for (let i = 0; i < files.length; i += FOOTERS_IN_FLIGHT) {
    const some = files.slice(i, i + FOOTERS_IN_FLIGHT);
    const footers = await Promise.all(some.map((file) => readFooter(file.path, store, file.bytes)));
    some.forEach((file, f) => {
      rows.set(file, footers[f]!.rows);
    });
  }
}

/** The leaves with sizes where a store does not tell them: those of `_metadata`, else equal shares of the whole. */
function withSizes(
  leaves: readonly (readonly LeafFile[])[],
  known: ReadonlyMap<string, MetadataLeaf>,
  { totalBytes, totalRows }: RowSources,
): (readonly LeafFile[])[] {
  const count = leaves.reduce((sum, files) => sum + files.length, 0);
  const share = Math.max(1, Math.round((totalBytes ?? totalRows ?? count) / Math.max(1, count)));
  return leaves.map((files) =>
    files.map((file) =>
      file.bytes > 0 ? file : { ...file, bytes: known.get(file.path)?.end ?? share },
    ),
  );
}

function rowsByFile({ datasetDirectory, metadata }: RowSources): Map<string, MetadataLeaf> {
  return new Map((metadata ?? []).map((leaf) => [metadataPath(datasetDirectory, leaf.file), leaf]));
}

/** Full path of a file that `_metadata` names: relative to `dataset/`, perhaps encoded or with a slash. */
export function metadataPath(datasetDirectory: string, file: string): string {
  return joinPath(datasetDirectory, decodedPath(file).replace(/^\/+/, ''));
}
