/** Positions of a leaf read past the database, where all its rows are wanted and its file is simple. */
import { readValues } from '../../catalogs/parquet-values.ts';
import type { ScanSpec } from '../task.ts';
import type { RunContext } from './context.ts';

/** Null where the database has to read them; it also says what is wrong with a file. */
export function readPositions(
  context: RunContext,
  spec: ScanSpec,
  path: string,
): { readonly ra: Float64Array; readonly dec: Float64Array } | null {
  const names = [spec.ra, spec.dec].filter((name) => name !== undefined);
  const areDoubles = names.every((name) =>
    spec.allColumns.some((column) => column.name === name && column.type === 'DOUBLE'),
  );
  if (names.length < 2 || !areDoubles) return null;
  const columns = readValues(path, names, () => context.session.checkStop());
  if (columns === null) return null;
  const [ra, dec] = columns;
  return { ra: ra!, dec: dec! };
}
