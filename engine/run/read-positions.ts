/** Positions and indices of a leaf read past the database, where all its rows are wanted and its file is simple. */
import { openColumns, type WantedColumn } from '../../catalogs/parquet-values.ts';
import type { ScanSpec } from '../task.ts';
import { type RunContext, timed } from './context.ts';

export interface ReadPositions {
  readonly ra: Float64Array;
  readonly dec: Float64Array;
  /** Null where it was not asked for. */
  readonly index: BigInt64Array | null;
}

/** Null where the database has to read them; it also says what is wrong with a file. */
export async function readPositions(
  context: RunContext,
  spec: ScanSpec,
  path: string,
  readIndex: boolean,
): Promise<ReadPositions | null> {
  const wanted = wantedColumns(spec, readIndex);
  if (wanted === null) return null;
  const file = await timed(context, 'metadata', () => openColumns(path, wanted));
  if (file === null) return null;
  try {
    const checkStop = () => context.session.checkStop();
    const columns = await timed(context, 'scan', () => file.read(checkStop));
    if (columns === null) return null;
    const [ra, dec, index] = columns;
    return {
      ra: new Float64Array(ra!),
      dec: new Float64Array(dec!),
      index: index === undefined ? null : new BigInt64Array(index),
    };
  } finally {
    file.close();
  }
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
