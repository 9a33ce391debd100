/**
 * Smallest and largest values of a few numeric columns per leaf file, out of `dataset/_metadata`; everything else
 * in that file is stepped over. Field numbers are those of parquet.thrift in the Apache Parquet format repository.
 */
import { metadataLength } from './parquet-footer-parts.ts';
import { THRIFT, ThriftReader } from './parquet-thrift.ts';

/** Bounds of the values that are neither null nor NaN. */
export interface ColumnBounds {
  readonly min: number | bigint;
  readonly max: number | bigint;
}

/** Leaf file as `_metadata` names it → column → bounds; a column whose bounds are not known is left out. */
export type LeafBounds = ReadonlyMap<string, ReadonlyMap<string, ColumnBounds>>;

const ROW_GROUPS = 4;
const ROW_GROUP = { columns: 1 };
const CHUNK = { filePath: 1, metaData: 3 };
const META = { type: 1, path: 3, statistics: 12 };
const STATISTICS = { max: 5, min: 6 };
/** Physical types. */
const INT32 = 1;
const INT64 = 2;
const FLOAT = 4;
const DOUBLE = 5;

/** Bounds of `columns` (top-level, signed or floating) in every leaf; throws RangeError on a damaged file. */
export function readMetadataBounds(bytes: Uint8Array, columns: ReadonlySet<string>): LeafBounds {
  const start = bytes.length - 8 - metadataLength(bytes);
  if (start < 0) throw new RangeError('it ends too early');
  const reader = new ThriftReader(bytes, start);
  const leaves = new Map<string, Map<string, ColumnBounds | null>>();
  fields(reader, (id) => {
    if (id !== ROW_GROUPS) return false;
    const { count } = reader.list();
    for (let i = 0; i < count; i++) readRowGroup(reader, columns, leaves);
    return true;
  });
  const known = new Map<string, ReadonlyMap<string, ColumnBounds>>();
  for (const [file, found] of leaves) {
    known.set(
      file,
      new Map(
        [...found].flatMap(([column, bounds]) => (bounds === null ? [] : [[column, bounds]])),
      ),
    );
  }
  return known;
}

/** Calls `take` for each field of a struct; what it does not take is skipped. */
function fields(reader: ThriftReader, take: (id: number) => boolean): void {
  let last = 0;
  while (reader.nextField(last)) {
    last = reader.id;
    const { type } = reader;
    if (!take(last)) reader.skip(type);
  }
}

function readRowGroup(
  reader: ThriftReader,
  columns: ReadonlySet<string>,
  leaves: Map<string, Map<string, ColumnBounds | null>>,
): void {
  let file = '';
  const found: { column: string; bounds: ColumnBounds | null }[] = [];
  fields(reader, (id) => {
    if (id !== ROW_GROUP.columns) return false;
    const { count } = reader.list();
    for (let i = 0; i < count; i++) {
      fields(reader, (part) => {
        if (part === CHUNK.filePath) {
          file = new TextDecoder().decode(reader.binary());
          return true;
        }
        if (part !== CHUNK.metaData || reader.type !== THRIFT.struct) return false;
        const chunk = readChunk(reader, columns);
        if (chunk !== null) found.push(chunk);
        return true;
      });
    }
    return true;
  });
  const leaf = leaves.get(file) ?? new Map<string, ColumnBounds | null>();
  for (const { column, bounds } of found) {
    const before = leaf.get(column);
    // One row group without bounds, and the leaf has none.
    if (before === null || bounds === null) leaf.set(column, null);
    else leaf.set(column, before === undefined ? bounds : joined(before, bounds));
  }
  leaves.set(file, leaf);
}

function joined(a: ColumnBounds, b: ColumnBounds): ColumnBounds {
  return { min: a.min < b.min ? a.min : b.min, max: a.max > b.max ? a.max : b.max };
}

function readChunk(
  reader: ThriftReader,
  columns: ReadonlySet<string>,
): { column: string; bounds: ColumnBounds | null } | null {
  let type = -1;
  let path: string[] = [];
  let min: Uint8Array | null = null;
  let max: Uint8Array | null = null;
  fields(reader, (id) => {
    if (id === META.type) {
      type = reader.zigzag();
      return true;
    }
    if (id === META.path) {
      const { count } = reader.list();
      path = Array.from({ length: count }, () => new TextDecoder().decode(reader.binary()));
      return true;
    }
    if (id !== META.statistics) return false;
    fields(reader, (part) => {
      if (part === STATISTICS.max) max = reader.binary();
      else if (part === STATISTICS.min) min = reader.binary();
      else return false;
      return true;
    });
    return true;
  });
  const [column] = path;
  if (path.length !== 1 || column === undefined || !columns.has(column)) return null;
  const low = min === null ? null : plainValue(type, min);
  const high = max === null ? null : plainValue(type, max);
  return { column, bounds: low === null || high === null ? null : { min: low, max: high } };
}

/** A statistic in plain encoding; null for types that are not compared here, and for NaN. */
function plainValue(type: number, bytes: Uint8Array): number | bigint | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === INT32 && bytes.length === 4) return view.getInt32(0, true);
  if (type === INT64 && bytes.length === 8) return view.getBigInt64(0, true);
  const value =
    type === FLOAT && bytes.length === 4
      ? view.getFloat32(0, true)
      : type === DOUBLE && bytes.length === 8
        ? view.getFloat64(0, true)
        : Number.NaN;
  return Number.isNaN(value) ? null : value;
}
