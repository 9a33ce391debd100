/**
 * Files of flat columns as they are stored, written past the database: each column is decoded once, its values are picked by row
 * number and encoded again. The database would join the rows, sort them and hand them from one to the other, which takes
 * three times as long. What is written depends on the rows only.
 */
import {
  type ColumnValues,
  type EncodedChunk,
  encodeChunk,
} from '../../catalogs/parquet-encode.ts';
import type { PageCodec } from '../../catalogs/parquet-page-write.ts';
import { type PlainType, plainType } from '../../catalogs/plain-type.ts';
import type { ParquetOptions } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { groupsOf, type PieceGroup, PlainOutput, type PlainPiece } from './plain-output.ts';
import type { RowRange } from './plain-rows.ts';
import {
  type DecodeMemory,
  decodeMemory,
  openPlainScan,
  type PlainScan,
  type ScanRows,
} from './plain-scan.ts';

/** A column to be written. */
export interface PlainColumn {
  readonly name: string;
  /** DuckDB type. */
  readonly type: string;
  readonly source: PlainSource;
}

/** Where a column's values come from: a stored column of a scan, or an array of one for each row. */
export type PlainSource =
  | { readonly kind: 'scan'; readonly scan: number; readonly column: string }
  | {
      readonly kind: 'held';
      readonly values: Float64Array | BigInt64Array | Int32Array;
      /** Where NaN means that there is none. */
      readonly nullIfNaN?: boolean;
    };

/** More rows of a row group are left to the database. */
const MOST_GROUP_ROWS = 1 << 22;

/**
 * Writes `pieces`, whose rows follow one another; false where only the database can: then it must write all of them.
 *
 * @param scans of each scan, by number, the rows that are known, in their order
 */
export async function writePlain(
  context: RunContext,
  scans: ReadonlyMap<number, ScanRows>,
  columns: readonly PlainColumn[],
  parquet: ParquetOptions,
  pieces: readonly PlainPiece[],
): Promise<boolean> {
  const codec = codecOf(parquet);
  const typed = typedColumns(columns);
  const groups = pieces.flatMap((piece) => groupsOf(piece, parquet.rowGroupRows));
  if (codec === null || typed === null) return false;
  if (groups.some(({ from, to }) => to - from > MOST_GROUP_ROWS)) return false;
  const output = new PlainOutput(columns, codec);
  try {
    for (const piece of pieces) if (piece.from === piece.to) output.addEmpty(piece);
    let most = groups.length;
    for (let at = 0; at < groups.length; at += most) {
      // What did not fit once will not fit again.
      most = await writeSome(context, scans, typed, output, groups.slice(at, at + most));
      if (most === 0) return false;
    }
    return true;
  } finally {
    output.close();
  }
}

/** Null for a codec that is not at hand. */
function codecOf({ compression, level }: ParquetOptions): PageCodec | null {
  return compression === 'zstd' || compression === 'uncompressed' ? { compression, level } : null;
}

interface TypedColumn extends PlainColumn {
  readonly plain: PlainType;
}

function typedColumns(columns: readonly PlainColumn[]): TypedColumn[] | null {
  const typed = columns.flatMap((column) => {
    const plain = plainType(column.type);
    return plain === null ? [] : [{ ...column, plain }];
  });
  return typed.length === columns.length ? typed : null;
}

/** Of the share of a worker, for what is written at a time. */
const OUTPUT_SHARE = 0.5;
/** The same for the texts of a column, and as much again while they grow. */
const TEXT_SHARE = 1 / 10;

/** Writes the first of `groups`, as many as fit; returns how many, 0 where only the database can. */
async function writeSome(
  context: RunContext,
  scans: ReadonlyMap<number, ScanRows>,
  columns: readonly TypedColumn[],
  output: PlainOutput,
  groups: readonly PieceGroup[],
): Promise<number> {
  const rowBytes = columns.reduce((sum, { plain }) => sum + plain.width, 0);
  const first = groups[0]!.from;
  const most = first + (OUTPUT_SHARE * context.arrayBytes) / rowBytes;
  let count = Math.max(1, groups.findLastIndex(({ to }) => to <= most) + 1);
  for (; ; count = Math.ceil(count / 2)) {
    const some = groups.slice(0, count);
    const range = { from: first, to: some.at(-1)!.to };
    const opened = await timed(context, 'metadata', () => openScans(scans, columns, range));
    if (opened === null) return 0;
    try {
      const chunks = fits(context, opened, columns)
        ? await encodeGroups(context, opened, columns, output.codec, some)
        : 'too large';
      if (chunks === null || (chunks === 'too large' && count === 1)) return 0;
      if (chunks !== 'too large') {
        await timed(context, 'write', () => {
          for (const [i, group] of some.entries()) output.add(group, chunks[i]!);
        });
        return count;
      }
    } finally {
      for (const scan of opened.values()) scan.close();
    }
  }
}

type Scans = ReadonlyMap<number, PlainScan>;

/** The scans that columns come from, opened; null where one of them cannot be read in this way. */
function openScans(
  scans: ReadonlyMap<number, ScanRows>,
  columns: readonly PlainColumn[],
  range: RowRange,
): Scans | null {
  const names = new Map<number, string[]>();
  for (const { source } of columns) {
    if (source.kind !== 'scan') continue;
    if (!names.has(source.scan)) names.set(source.scan, []);
    names.get(source.scan)!.push(source.column);
  }
  const opened = new Map<number, PlainScan>();
  let isWhole = false;
  try {
    for (const [scan, wanted] of names) {
      const one = openPlainScan(scans.get(scan)!, wanted, range);
      if (one === null) return null;
      opened.set(scan, one);
    }
    isWhole = true;
    return opened;
  } finally {
    if (!isWhole) for (const one of opened.values()) one.close();
  }
}

/** Of eight bytes, and whether there is one; of texts where each begins and how long it is, while there are twice as many. */
const BYTES_PER_VALUE = 9;
const BYTES_PER_TEXT = 24;

function mostValues(scans: Scans): number {
  return Math.max(0, ...[...scans.values()].map(({ length }) => length));
}

function fits({ arrayBytes }: RunContext, scans: Scans, columns: readonly TypedColumn[]): boolean {
  const hasTexts = columns.some(({ plain }) => plain.form === 'text');
  const bytes = BYTES_PER_VALUE + (hasTexts ? BYTES_PER_TEXT : 0);
  return bytes * mostValues(scans) <= (1 - OUTPUT_SHARE - 2 * TEXT_SHARE) * arrayBytes;
}

/**
 * The chunks of each group. Null where a column cannot be read in this way after all; too large where texts take more than their
 * share, or all together do and there are several groups.
 */
async function encodeGroups(
  context: RunContext,
  scans: Scans,
  columns: readonly TypedColumn[],
  codec: PageCodec,
  groups: readonly PieceGroup[],
): Promise<EncodedChunk[][] | 'too large' | null> {
  const first = groups[0]!.from;
  const range = { from: first, to: groups.at(-1)!.to };
  const values = mostValues(scans);
  const memory = decodeMemory(values);
  const chunks = groups.map((): EncodedChunk[] => []);
  let bytes = 0;
  for (const { plain, source, place } of textsFirst(columns)) {
    context.session.checkStop();
    await turnInTime();
    const read = await timed(context, 'gather', () =>
      source.kind === 'scan'
        ? readScan(context, scans.get(source.scan)!, source.column, memory)
        : { ...IN_ORDER, values: heldValues(source, range) },
    );
    if (read === null || read === 'too large') return read;
    const { places, mayMiss } = read;
    for (const [i, { from, to }] of groups.entries()) {
      const rows = { places, mayMiss, from: from - first, to: to - first };
      const chunk = await timed(context, 'encode', () =>
        encodeChunk(plain, read.values, rows, codec),
      );
      if (chunk === null) return null;
      chunks[i]![place] = chunk;
      bytes += chunk.uncompressedBytes;
    }
    if (bytes > OUTPUT_SHARE * context.arrayBytes && groups.length > 1) return 'too large';
  }
  return chunks;
}

/** Whatever is too large shows with the texts, before anything else was done in vain. */
function textsFirst(columns: readonly TypedColumn[]): (TypedColumn & { readonly place: number })[] {
  const placed = columns.map((column, place) => ({ ...column, place }));
  return [
    ...placed.filter(({ plain }) => plain.form === 'text'),
    ...placed.filter(({ plain }) => plain.form !== 'text'),
  ];
}

/** Milliseconds. In a turn memory is freed, which takes as long as some columns. */
const LONGEST_WITHOUT_TURN = 100;

let lastTurn = performance.now();

/** Statements give the event loop turns, our loops do not: without any, no interrupt and no clock would come through. */
async function turnInTime(): Promise<void> {
  if (performance.now() - lastTurn < LONGEST_WITHOUT_TURN) return;
  await new Promise((resolve) => setImmediate(resolve));
  lastTurn = performance.now();
}

/** Values in the order of the rows. */
const IN_ORDER = { places: null, mayMiss: false };

function readScan(
  { session, arrayBytes }: RunContext,
  scan: PlainScan,
  column: string,
  memory: DecodeMemory,
) {
  const textBytes = TEXT_SHARE * arrayBytes;
  const values = scan.read(column, memory, textBytes, () => session.checkStop());
  if (values === null || values === 'too large') return values;
  return { places: scan.places, mayMiss: scan.mayMiss, values };
}

function heldValues(
  { values, nullIfNaN }: Extract<PlainSource, { kind: 'held' }>,
  { from, to }: RowRange,
): ColumnValues {
  const some = values.subarray(from, to);
  const words = new Int32Array(some.buffer, some.byteOffset, some.byteLength / 4);
  return { words, valid: nullIfNaN === true ? notNaN(some as Float64Array) : null };
}

/** Null: none is. */
function notNaN(values: Float64Array): Uint8Array | null {
  const valid = new Uint8Array(values.length);
  let present = 0;
  for (let i = 0; i < values.length; i++) {
    const isPresent = Number.isNaN(values[i]) ? 0 : 1;
    valid[i] = isPresent;
    present += isPresent;
  }
  return present === values.length ? null : valid;
}
