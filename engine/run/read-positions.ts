/** Positions of a leaf read past the database, where all its rows are wanted and its file is simple. */
import { openColumns } from '../../catalogs/parquet-values.ts';
import type { ScanSpec } from '../task.ts';
import { type RunContext, timed } from './context.ts';

/** Null where the database has to read them; it also says what is wrong with a file. */
export async function readPositions(
  context: RunContext,
  spec: ScanSpec,
  path: string,
): Promise<{ readonly ra: Float64Array; readonly dec: Float64Array } | null> {
  const names = [spec.ra, spec.dec].filter((name) => name !== undefined);
  const areDoubles = names.every((name) =>
    spec.allColumns.some((column) => column.name === name && column.type === 'DOUBLE'),
  );
  if (names.length < 2 || !areDoubles) return null;
  const file = await timed(context, 'metadata', () => openColumns(path, names));
  if (file === null) return null;
  try {
    const columns = await timed(context, 'scan', () =>
      file.read(() => context.session.checkStop()),
    );
    return columns === null ? null : { ra: columns[0]!, dec: columns[1]! };
  } finally {
    file.close();
  }
}
