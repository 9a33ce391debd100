/** Rows of a set written past the database, where all columns are flat ones as they are stored. */
import { INDEX_ORDER } from '../../partitioning/pixel.ts';
import type { BoundColumn, ParquetOptions, ScanSpec } from '../task.ts';
import type { RunContext } from './context.ts';
import { copyRows, writeParquet } from './copy-rows.ts';
import type { Loaded } from './loaded.ts';
import type { PlainPiece } from './plain-output.ts';
import type { ScanRows } from './plain-scan.ts';
import { type PlainColumn, type PlainSource, writePlain } from './plain-write.ts';
import { type RowSet, rowNumbers } from './row-set.ts';

/** Writes `pieces`, rows of `set`; false where the database has to. */
export async function writePlainRows(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  columns: readonly BoundColumn[],
  parquet: ParquetOptions,
  pieces: readonly PlainPiece[],
): Promise<boolean> {
  const outputs: PlainColumn[] = [];
  const scans = new Map<number, ScanRows>();
  for (const { name, type, ref } of columns) {
    const source = sourceOf(context, set, { type, ref });
    if (source === null || type !== typeOf(context, source)) return false;
    outputs.push({ name, type, source });
    if (source.kind !== 'scan' || scans.has(source.scan)) continue;
    const files = loaded.files.get(source.scan);
    const ids = set.rids.get(source.scan);
    if (files === undefined || ids === undefined) return false;
    scans.set(source.scan, { spec: context.scans[source.scan]!, files, ids });
  }
  return writePlain(context, scans, outputs, parquet, pieces);
}

/** Writes all rows of `set` to one file, by the database where it has to be. */
export async function writeRowsTo(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  columns: readonly BoundColumn[],
  parquet: ParquetOptions,
  path: string,
): Promise<void> {
  const pieces = [{ path, from: 0, to: set.length }];
  if (await writePlainRows(context, set, loaded, columns, parquet, pieces)) return;
  await copyRows(context, set, loaded, columns, (query) =>
    writeParquet(context, query, path, parquet),
  );
}

/** The DuckDB type that the values have where they are. */
function typeOf({ scans }: RunContext, source: PlainSource): string | undefined {
  if (source.kind === 'scan') {
    return scans[source.scan]!.allColumns.find(({ name }) => name === source.column)?.type;
  }
  if (source.values instanceof Float64Array) return 'DOUBLE';
  return source.values instanceof Int32Array ? 'INTEGER' : 'BIGINT';
}

/** Columns that say where rows lie came with them, as they are stored, and need not be read again; null for others. */
function heldPlace(
  scans: readonly ScanSpec[],
  set: RowSet,
  scan: number,
  { type, column }: { readonly type: string; readonly column: string },
): Float64Array | BigInt64Array | null {
  // The first scan gives all rows their place, unless user code did.
  if (scan !== 0 || set.made.size > 0 || !set.rids.has(scan)) return null;
  const { ra, dec, healpix } = scans[scan]!;
  if (type === 'DOUBLE' && column === ra) return set.ra;
  if (type === 'DOUBLE' && column === dec) return set.dec;
  const isIndex = type === 'BIGINT' && column === healpix?.name && healpix.order === INDEX_ORDER;
  return isIndex ? set.index : null;
}

/** Null where the value is not there as it is stored. */
function sourceOf(
  { scans }: RunContext,
  set: RowSet,
  { type, ref }: Pick<BoundColumn, 'type' | 'ref'>,
): PlainSource | null {
  switch (ref.kind) {
    case 'scan': {
      if (ref.field !== undefined) return null;
      const values = heldPlace(scans, set, ref.scan, { type, column: ref.column });
      return values === null
        ? { kind: 'scan', scan: ref.scan, column: ref.column }
        : { kind: 'held', values };
    }
    case 'distance':
      // No match is NaN in typed arrays and null in tables.
      return { kind: 'held', values: set.distances.get(ref.match)!, nullIfNaN: true };
    case 'index':
      return set.index === null ? null : { kind: 'held', values: set.index };
    case 'row': {
      const ids = rowNumbers(set, ref.scan);
      return ids.includes(-1) ? null : { kind: 'held', values: ids };
    }
    default:
      return null;
  }
}
