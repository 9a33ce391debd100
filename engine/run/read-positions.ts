/** Positions and indices of a leaf read past the database, where whole row groups are wanted and its file is simple. */
import {
  type GroupChoice,
  openColumns,
  type RowSpan,
  type WantedColumn,
} from '../../catalogs/parquet-values.ts';
import { INDEX_ORDER } from '../../partitioning/pixel.ts';
import { overlapsRange, type RangeSet } from '../../partitioning/ranges.ts';
import type { ScanSpec } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { type FileRows, unusableRows } from './file-rows.ts';

/** Of a region's rows the database holds no more than it must: row groups with more rows in all are left to it. */
const MOST_REGION_ROWS = 1 << 22;
/** Positions, index and row number of a row. */
const ROW_BYTES = 28;

export interface WantedRows {
  readonly readIndex: boolean;
  /** Indices near which the rows are wanted: those of row groups that have none need not be read. Null: all. */
  readonly near: RangeSet | null;
}

/** Null where the database has to read them; it also says what is wrong with a file. */
export async function readPositions(
  context: RunContext,
  spec: ScanSpec,
  path: string,
  { readIndex, near }: WantedRows,
): Promise<FileRows | null> {
  const wanted = wantedColumns(spec, readIndex);
  if (wanted === null) return null;
  const choice = near === null ? undefined : groupsNear(spec, near);
  const file = await timed(context, 'metadata', () => openColumns(path, wanted, choice));
  if (file === null) return null;
  try {
    const length = file.spans.reduce((sum, { rows }) => sum + rows, 0);
    const most = Math.min(MOST_REGION_ROWS, context.arrayBytes / ROW_BYTES);
    if (near !== null && length > most) return null;
    const checkStop = () => context.session.checkStop();
    const columns = await timed(context, 'scan', () => file.read(checkStop));
    if (columns === null) return null;
    const [ra, dec] = [new Float64Array(columns[0]!), new Float64Array(columns[1]!)];
    // Those outside the region are nobody's business, and only the database can leave them out.
    if (near !== null && unusableRows(ra, dec, null).length > 0) return null;
    const index = columns[2] === undefined ? null : new BigInt64Array(columns[2]);
    const rid = length === file.fileRows ? null : rowNumbers(file.spans, length);
    return { length, ra, dec, index, rid };
  } finally {
    file.close();
  }
}

function groupsNear(spec: ScanSpec, near: RangeSet): GroupChoice {
  const { name, order } = spec.healpix!;
  const shift = BigInt(2 * (INDEX_ORDER - order));
  return {
    column: name,
    mayHold: (least, most) => overlapsRange(near, least << shift, (most + 1n) << shift),
  };
}

function rowNumbers(spans: readonly RowSpan[], length: number): Int32Array {
  const numbers = new Int32Array(length);
  let at = 0;
  for (const { firstRow, rows } of spans) {
    for (let i = 0; i < rows; i++) numbers[at++] = firstRow + i;
  }
  return numbers;
}

/** Null where the data set has one of them of another type: what a file has would have to be converted. */
function wantedColumns(spec: ScanSpec, readIndex: boolean): WantedColumn[] | null {
  if (spec.ra === undefined || spec.dec === undefined) return null;
  const position = [spec.ra, spec.dec].map((name) => ({ name, type: 'DOUBLE' }) as const);
  const index = readIndex ? [{ name: spec.healpix!.name, type: 'BIGINT' } as const] : [];
  const wanted = [...position, ...index];
  const isAsStored = ({ name, type }: WantedColumn) =>
    spec.allColumns.some((column) => column.name === name && column.type === type);
  return wanted.every(isAsStored) ? wanted : null;
}
