/**
 * `dataset/_metadata` (the footers of all leaf files in one) and `dataset/_common_metadata` (their schema
 * alone, with units and descriptions).
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { CrosshatchError, dataError } from '../partitioning/error.ts';
import {
  appendWithFilePath,
  FOOTER_TAIL_BYTES,
  type FooterParts,
  footerEnd,
  footerHead,
  footerTail,
  keyValueOf,
  metadataFile,
  metadataLength,
  schemaOf,
  splitFooter,
  withKeyValue,
} from './parquet-footer-parts.ts';
import { emptyFooter } from './parquet-schema-write.ts';
import { type ThriftField, ThriftWriter } from './parquet-thrift.ts';
import { type Store, storeFor } from './store.ts';
import type { Column } from './types.ts';
import { writing } from './write-error.ts';

/** Enough for the footer of a usual leaf file, so that one read suffices. */
const TAIL_BYTES = 1 << 16;
/** Footers read ahead of the one being merged: bounds memory, hides latency. */
const FOOTERS_IN_FLIGHT = 8;
/** Readers built on Arrow refuse lists above a million entries, and every reader above 2³¹ bytes. */
const MAX_ROW_GROUPS = 1_000_000;
const MAX_METADATA_BYTES = 2 ** 31 - 1;
/** The numbers of rows and of row groups have up to 8 bytes each, and one when they are 0. */
const SPARE_HEAD_BYTES = 16;
const MAGIC_BYTES = 4;

/** A leaf file to merge. */
export interface Leaf {
  /** Below the dataset folder, with forward slashes: what the merged footer will name. */
  readonly path: string;
  /** Rows it must have. */
  readonly rows: number;
}

export interface MergedMetadataOptions {
  /** The catalog's `dataset` folder. */
  readonly datasetDir: string;
  /** In NESTED order. */
  readonly leaves: readonly Leaf[];
  /** The catalog's columns: their notes, and the whole schema where there is no leaf. */
  readonly columns: readonly Column[];
  /** Parquet's `created_by`, used where there is no leaf. */
  readonly createdBy: string;
  /** Where the leaves are read from. */
  readonly store?: Store;
}

/** What was merged. */
export interface MergedMetadata {
  readonly rows: number;
  readonly rowGroups: number;
  /** Bytes of all leaf files. */
  readonly leafBytes: number;
  /** Bytes of the two metadata files. */
  readonly bytes: number;
  /** False where `_metadata` (which is optional) would be too large for readers, and was left out. */
  readonly hasMetadata: boolean;
}

/**
 * Writes both files, reading each leaf's footer once.
 * @throws the `data` error when a leaf is damaged, has other columns than the first, or other rows than said;
 * the `storage` error when writing fails
 */
export async function writeMergedMetadata(options: MergedMetadataOptions): Promise<MergedMetadata> {
  const { datasetDir, leaves, columns, createdBy } = options;
  const file = path.join(datasetDir, '_metadata');
  const footers = readFooters(options);
  const first = leaves.length === 0 ? undefined : (await footers.next()).value!;
  const model = first?.footer ?? emptyFooter(columns, createdBy);
  const rows = leaves.reduce((sum, leaf) => sum + leaf.rows, 0);

  const merged = await writing(file, async () => {
    const handle = await open(file, 'w');
    const writer = new GroupsWriter(handle, model.fields, rows);
    let leafBytes = 0;
    try {
      await writer.begin();
      for (let leaf = first; leaf !== undefined; leaf = (await footers.next()).value ?? undefined) {
        checkLeaf(leaf, schemaOf(model), datasetDir);
        leafBytes += leaf.bytes;
        if (writer.fits) await writer.append(leaf.footer.rowGroups, leaf.path);
      }
      if (writer.fits) await writer.finish();
    } finally {
      await handle.close();
    }
    if (!writer.fits) await rm(file);
    return { leafBytes, rowGroups: writer.groups, hasMetadata: writer.fits, bytes: writer.bytes };
  });

  const commonBytes = await writeCommonMetadata(datasetDir, model, columns);
  const metadataBytes = merged.hasMetadata ? merged.bytes : 0;
  return { ...merged, rows, bytes: metadataBytes + commonBytes };
}

/** Streams row groups into a metadata file whose number of row groups is known only at the end. */
class GroupsWriter {
  private readonly file: FileHandle;
  private readonly fields: readonly ThriftField[];
  private readonly rows: number;
  /** Where the row groups start: room for the longest head is left before them. */
  private readonly start: number;
  groups = 0;
  /** Bytes written so far. */
  bytes: number;

  constructor(file: FileHandle, fields: readonly ThriftField[], rows: number) {
    this.file = file;
    this.fields = fields;
    this.rows = rows;
    this.start = MAGIC_BYTES + footerHead(fields, 0, 0).length + SPARE_HEAD_BYTES;
    this.bytes = this.start;
  }

  /** Leaves room for the head. */
  async begin(): Promise<void> {
    await this.file.writeFile(new Uint8Array(this.start));
  }

  get fits(): boolean {
    return this.groups <= MAX_ROW_GROUPS && this.bytes <= MAX_METADATA_BYTES;
  }

  async append(groups: readonly Uint8Array[], leafPath: string): Promise<void> {
    const filePath = new TextEncoder().encode(leafPath);
    const writer = new ThriftWriter();
    for (const group of groups) appendWithFilePath(writer, group, filePath);
    await this.file.writeFile(writer.bytes());
    this.bytes += writer.length;
    this.groups += groups.length;
  }

  /**
   * Writes the end, then the head just before the first group. A footer is found from the end of its file, so
   * the few unused bytes between the magic number and the head are nobody's.
   */
  async finish(): Promise<void> {
    const head = footerHead(this.fields, this.rows, this.groups);
    const end = footerEnd(this.fields);
    const metadataBytes = head.length + (this.bytes - this.start) + end.length;
    await this.file.writeFile(end);
    await this.file.writeFile(footerTail(metadataBytes));
    this.bytes += end.length + FOOTER_TAIL_BYTES;
    const front = new Uint8Array(this.start);
    front.set(footerTail(0).subarray(-MAGIC_BYTES));
    front.set(head, this.start - head.length);
    let done = 0;
    while (done < front.length) {
      done += (await this.file.write(front, done, front.length - done, done)).bytesWritten;
    }
  }
}

/** The schema alone: the first leaf's footer without row groups, plus the notes of the columns. */
async function writeCommonMetadata(
  datasetDir: string,
  model: FooterParts,
  columns: readonly Column[],
): Promise<number> {
  const bare = { fields: model.fields, rows: 0, rowGroups: [] };
  let bytes = metadataFile(bare);
  if (columns.some(hasNotes)) {
    // Loading the Arrow library takes longer than writing a small catalog.
    const { ARROW_SCHEMA_KEY, arrowSchemaEntry } = await import('./arrow-schema.ts');
    const entry = arrowSchemaEntry(bytes, columns, keyValueOf(model, ARROW_SCHEMA_KEY));
    bytes = metadataFile({ ...bare, fields: withKeyValue(bare.fields, ARROW_SCHEMA_KEY, entry) });
  }
  const file = path.join(datasetDir, '_common_metadata');
  await writing(file, async () => {
    const handle = await open(file, 'w');
    try {
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
  });
  return bytes.length;
}

function hasNotes(column: Column): boolean {
  return Boolean(column.unit || column.description || column.ucd);
}

interface ReadLeaf extends Leaf {
  readonly footer: FooterParts;
  /** Size of the file. */
  readonly bytes: number;
}

/** Footers of the leaves in their order, a few read ahead. */
async function* readFooters(options: MergedMetadataOptions): AsyncGenerator<ReadLeaf, undefined> {
  const { leaves, datasetDir } = options;
  const ahead: Promise<ReadLeaf>[] = [];
  const start = (leaf: Leaf) => {
    const reading = readLeaf(leaf, datasetDir, options.store);
    // An earlier leaf may fail first; this one's error must not count as unhandled then.
    reading.catch(() => undefined);
    ahead.push(reading);
  };
  leaves.slice(0, FOOTERS_IN_FLIGHT).forEach(start);
  for (let next = ahead.length; ahead.length > 0; next++) {
    yield await ahead.shift()!;
    const leaf = leaves[next];
    if (leaf !== undefined) start(leaf);
  }
}

async function readLeaf(leaf: Leaf, datasetDir: string, store?: Store): Promise<ReadLeaf> {
  const file = path.join(datasetDir, leaf.path);
  const from = store ?? storeFor(file);
  const size = (await from.stat(file))?.size;
  if (size === undefined) throw dataError('a leaf file is missing', file);
  try {
    const tail = await from.readRange(file, Math.max(0, size - TAIL_BYTES), size);
    const metadataBytes = metadataLength(tail);
    const end = size - FOOTER_TAIL_BYTES;
    if (metadataBytes > end) throw new RangeError('it claims to be longer than the file');
    const metadata =
      metadataBytes + FOOTER_TAIL_BYTES <= tail.length
        ? tail.subarray(tail.length - FOOTER_TAIL_BYTES - metadataBytes, -FOOTER_TAIL_BYTES)
        : await from.readRange(file, end - metadataBytes, end);
    return { ...leaf, footer: splitFooter(metadata), bytes: size };
  } catch (error) {
    if (error instanceof CrosshatchError) throw error;
    throw dataError(`the Parquet footer is damaged: ${(error as Error).message}`, file);
  }
}

function checkLeaf(leaf: ReadLeaf, schema: Uint8Array, datasetDir: string): void {
  const file = path.join(datasetDir, leaf.path);
  if (leaf.footer.rows !== leaf.rows) {
    const what = `the file has ${leaf.footer.rows} rows where ${leaf.rows} were written`;
    throw dataError(what, file, 'run again');
  }
  if (Buffer.compare(schemaOf(leaf.footer), schema) !== 0) {
    throw dataError('the file has other columns or types than the first file of the catalog', file);
  }
}
