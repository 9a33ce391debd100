/** Reads positions, indices and row numbers of leaves, each as its file has them; small leaves by one statement. */
import { statSync } from 'node:fs';
import { mayHoldNulls } from '../../catalogs/parquet-values.ts';
import { CrosshatchError, dataError } from '../../partitioning/error.ts';
import type { Pixel } from '../../partitioning/pixel.ts';
import type { RangeSet } from '../../partitioning/ranges.ts';
import { quoteName } from '../expression/quote.ts';
import type { NumericColumn, NumericKind } from '../session.ts';
import type { ScanSpec } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { doubles, type FileRows, originOf } from './file-rows.ts';
import type { LeafFile } from './file-shapes.ts';
import { cutWindow, rangeCondition, regionRanges } from './halo-window.ts';
import { boxCondition, type SkyBox } from './near-rows.ts';
import { readPositions } from './read-positions.ts';
import { typedLeaf, typedLeaves } from './relation.ts';

export interface Leaf {
  readonly path: string;
  readonly role: 'own' | 'margin' | 'edges' | 'files';
  /** Partition the file stores; its own rows must lie in it. */
  readonly pixel: Pixel | null;
  /** For an edge file: the partition its rows come from. */
  readonly sources?: readonly string[];
}

/** A leaf, its file, and the part of the cell that is wanted of it. */
export interface LeafPlace {
  readonly leaf: Leaf;
  readonly file: LeafFile;
  readonly cut: Pixel | null;
  readonly box: SkyBox | null;
}

/**
 * Bytes of the leaves of one statement at most. It costs milliseconds for each of a few kilobytes; of larger ones no more
 * than one at a time is to be held.
 */
const TOGETHER_BYTES = 1 << 23;

/** The leaves in their order, each with its rows; `wantsOrder`: with the index wherever it is stored. */
export async function* readLeaves(
  context: RunContext,
  scan: number,
  places: readonly LeafPlace[],
  wantsOrder: boolean,
): AsyncGenerator<readonly [LeafPlace, FileRows]> {
  const spec = context.scans[scan]!;
  const queries = places.map((place) => leafQuery(spec, scan, place, wantsOrder));
  for (const queriesAlike of runsAlike(spec, queries)) {
    context.session.checkStop();
    let together: FileRows[] | null = null;
    let mayGoTogether = queriesAlike.length > 1;
    for (const [i, query] of queriesAlike.entries()) {
      const direct = together === null ? await readDirectly(context, spec, query) : null;
      if (direct === null && mayGoTogether) {
        together = await readTogether(context, spec, queriesAlike);
        mayGoTogether = false;
      }
      yield [query.place, direct ?? together?.[i] ?? (await readAlone(context, spec, query))];
    }
  }
}

/** Only the place-giving scan is cut by its index; of a partition that is no larger than the cut it needs all. */
export function cutPartition(scan: number, { leaf, cut }: LeafPlace): Pixel | null {
  return cut !== null && scan === 0 && leaf.pixel !== null && leaf.pixel.order < cut.order
    ? leaf.pixel
    : null;
}

interface LeafQuery {
  readonly place: LeafPlace;
  /** Condition on its rows but for the region; empty: none. */
  readonly where: string;
  /** The indices that rows of the region may have, and the same as a condition; null and empty: any. */
  readonly near: RangeSet | null;
  readonly window: string;
  readonly readIndex: boolean;
}

function leafQuery(spec: ScanSpec, scan: number, place: LeafPlace, wantsOrder: boolean): LeafQuery {
  const { leaf, cut, box } = place;
  const stored = spec.healpix;
  const cutOf = cutPartition(scan, place);
  const near =
    leaf.role === 'own' && spec.regions.length > 0 ? regionRanges(spec, leaf.pixel!) : null;
  const where = [
    // Edge files are filtered already.
    ...(leaf.role === 'edges' ? [] : spec.filters.map((filter) => filter.sql)),
    ...(box === null || spec.ra === undefined ? [] : [boxCondition(spec, box)]),
    ...(cutOf !== null && stored !== undefined ? [cutWindow(stored, cutOf, cut!)] : []),
  ];
  return {
    place,
    where: where.map((w) => `(${w})`).join(' AND '),
    near,
    window: near === null ? '' : rangeCondition(stored!, near),
    readIndex: stored?.order === 29 && (leaf.role === 'margin' || wantsOrder),
  };
}

/**
 * Runs of leaves that one statement can read. The schema-only file gives their types; without one each leaf has
 * its own, and leaves that lack a part of a column are read in a way of their own.
 */
function runsAlike(spec: ScanSpec, queries: readonly LeafQuery[]): LeafQuery[][] {
  const runs: LeafQuery[][] = [];
  let bytes = 0;
  for (const query of queries) {
    const { leaf, file } = query.place;
    const last = runs.at(-1)?.at(-1);
    const size =
      spec.schemaFile === undefined ? 0 : (sizeOf(file.path) ?? Number.POSITIVE_INFINITY);
    bytes += size;
    const joins =
      last !== undefined &&
      spec.schemaFile !== undefined &&
      bytes <= TOGETHER_BYTES &&
      last.place.leaf.role === leaf.role &&
      last.where === query.where &&
      last.window === query.window &&
      last.place.file.lacks === undefined &&
      file.lacks === undefined;
    if (joins) {
      runs.at(-1)!.push(query);
      continue;
    }
    runs.push([query]);
    bytes = size;
  }
  return runs;
}

/** Bytes; undefined for a file that is not there: reading it says so. */
export function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** Null where only the database can read the rows. */
async function readDirectly(
  context: RunContext,
  spec: ScanSpec,
  query: LeafQuery,
): Promise<FileRows | null> {
  if (query.where !== '') return null;
  const { file } = query.place;
  const read = await readPositions(context, spec, file.path, query);
  // Statements give the event loop a turn; without any, no interrupt and no clock would come through on the main thread.
  await new Promise((resolve) => setImmediate(resolve));
  return read;
}

async function readAlone(context: RunContext, spec: ScanSpec, query: LeafQuery): Promise<FileRows> {
  const { file } = query.place;
  const { columns, inputs, select, kinds } = selection(spec, query);
  const from = `${typedLeaf(spec, file, columns, inputs)}${whereClause(spec, [query])}`;
  const read = await timed(context, 'scan', () =>
    context.session.columns(`SELECT ${select.join(', ')} FROM ${from}`, kinds),
  );
  return fileRows(spec, query, read);
}

/** Null where a leaf cannot be read like the others: alone, it is, or its error says which it was. */
async function readTogether(
  context: RunContext,
  spec: ScanSpec,
  queries: readonly LeafQuery[],
): Promise<FileRows[] | null> {
  const [query] = queries as [LeafQuery];
  const paths = queries.map(({ place }) => place.file.path);
  const { columns, inputs, select, kinds } = selection(spec, query);
  const from = `${typedLeaves(spec, paths, columns, inputs)}${whereClause(spec, queries)}`;
  const sql = `SELECT ${[...select, 'file_index::INTEGER'].join(', ')} FROM ${from}`;
  try {
    const read = await timed(context, 'scan', () =>
      context.session.columns(sql, [...kinds, 'i32']),
    );
    return splitByFile(spec, queries, read);
  } catch (error) {
    if (error instanceof CrosshatchError && error.tag === 'data') return null;
    throw error;
  }
}

/** Files are read one after the other; the schema-only file, number 0, has no rows. */
function splitByFile(
  spec: ScanSpec,
  queries: readonly LeafQuery[],
  read: { readonly rows: number; readonly columns: readonly NumericColumn[] },
): FileRows[] {
  const files = read.columns.at(-1)!.values as Int32Array;
  const columns = read.columns.slice(0, -1);
  let from = 0;
  const parts = queries.map((query, i) => {
    const start = from;
    while (from < read.rows && files[from] === i + 1) from++;
    const slices = columns.map(({ values, valid }) => ({
      values: values.subarray(start, from),
      ...(valid === undefined ? {} : { valid: valid.subarray(start, from) }),
    }));
    return fileRows(spec, query, { rows: from - start, columns: slices as NumericColumn[] });
  });
  if (from !== read.rows) throw new Error('the files of a scan did not come in their order');
  return parts;
}

/** Of queries that are alike. Rows without an index may be anywhere; to look for them costs what the index saves. */
function whereClause(spec: ScanSpec, queries: readonly LeafQuery[]): string {
  const [query] = queries as [LeafQuery];
  if (isWhole(query)) return '';
  const { where, window } = query;
  if (window === '') return ` WHERE ${where}`;
  const { name } = spec.healpix!;
  const hasNulls = queries.some(({ place }) => mayHoldNulls(place.file.path, name));
  const near = hasNulls ? `(${window} OR ${quoteName(name)} IS NULL)` : `(${window})`;
  return ` WHERE ${where === '' ? near : `${where} AND ${near}`}`;
}

function isWhole({ where, window }: LeafQuery): boolean {
  return where === '' && window === '';
}

/** Position, index if wanted, and, where rows may be left out, the row number last. */
function selection(spec: ScanSpec, query: LeafQuery) {
  const { place, readIndex } = query;
  const index = spec.healpix === undefined ? [] : [spec.healpix.name];
  const inputs = place.leaf.role === 'edges' ? [] : spec.filters.flatMap((filter) => filter.inputs);
  // Rows without positions get one that nobody looks at.
  const position = spec.ra === undefined ? [] : [spec.ra, spec.dec!];
  const select =
    position.length === 0
      ? ['0::DOUBLE', '0::DOUBLE']
      : position.map((name) => `${quoteName(name)}::DOUBLE`);
  const kinds: NumericKind[] = ['f64', 'f64'];
  if (readIndex) {
    select.push(`${quoteName(index[0]!)}::BIGINT`);
    kinds.push('i64');
  }
  if (!isWhole(query)) {
    select.push('file_row_number::INTEGER');
    kinds.push('i32');
  }
  return { columns: [...position, ...index], inputs, select, kinds };
}

function fileRows(
  spec: ScanSpec,
  query: LeafQuery,
  read: { readonly rows: number; readonly columns: readonly NumericColumn[] },
): FileRows {
  const { place, readIndex } = query;
  return {
    length: read.rows,
    ra: doubles(read.columns[0]!),
    dec: doubles(read.columns[1]!),
    index: readIndex ? storedIndex(spec, read.columns[2]!, place.leaf.path) : null,
    rid: isWhole(query) ? null : (read.columns.at(-1)!.values as Int32Array),
  };
}

function storedIndex(spec: ScanSpec, column: NumericColumn, path: string): BigInt64Array {
  if (column.valid !== undefined) {
    const first = column.valid.indexOf(0);
    if (first >= 0) {
      const { row, where } = originOf(spec, path, first);
      throw dataError(`${spec.healpix!.name} is null in row ${row} of ${spec.label}`, where);
    }
  }
  return column.values as BigInt64Array;
}
