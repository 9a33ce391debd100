/**
 * The edge pass: rows of a partition that lie near its border, copied into a small file that the cells beside it
 * read instead of the whole partition. This is how a match is complete without a margin catalog.
 */
import { mayHoldNulls } from '../../catalogs/parquet-values.ts';
import { INDEX_ORDER } from '../../partitioning/pixel.ts';
import type { CellResult, EdgesTask, ScanSpec } from '../task.ts';
import type { RunContext } from './context.ts';
import { allColumns } from './copy-rows.ts';
import { loadedScan } from './loaded.ts';
import { writeRowsTo } from './plain-pieces.ts';
import { writePlain } from './plain-write.ts';
import { type PlacedFile, SOURCE_ROW } from './relation.ts';
import { type RowSet, rowNumbers } from './row-set.ts';
import { loadScan, WHOLE_CELL } from './scan.ts';

/** Uncompressed: these files are small, short-lived and read several times. */
const EDGE_PARQUET = { compression: 'uncompressed', rowGroupRows: 122_880 } as const;

/**
 * Writes one edge file per partition; an empty one where no row is near the border. The results say how many rows
 * went into it, and how far outside their partition rows lie.
 */
export async function runEdges(context: RunContext, task: EdgesTask): Promise<CellResult[]> {
  const results: CellResult[] = [];
  for (const part of task.parts) {
    const cell = {
      own: [{ pixel: part.pixel, files: part.files }],
      halo: { kind: 'none' as const },
    };
    // Columns that the edge file lacks are found again by these numbers, over all files of the partition.
    const held = isHeld(task.scan, part.files);
    const order = held && task.scan.columns.some((of) => heldValues(task.scan, of) === 'index');
    const allNumbers = part.files.length > 1;
    const wants = { positions: true, order, allNumbers, borderArcsec: task.reachArcsec };
    const { set, files } = await loadScan(context, 0, cell, wants, WHOLE_CELL);
    const isWritten = held && (await writeHeld(context, task.scan, set, part.output));
    if (!isWritten) await writeGathered(context, task.scan, set, files, part.output);
    const excursionArcsec = [...context.excursionArcsec];
    results.push({ pixel: part.pixel, rows: set.length, excursionArcsec });
  }
  return results;
}

/** Whether all columns are positions and the index, which are in memory with the rows; nulls of the index are not. */
function isHeld(spec: ScanSpec, files: readonly string[]): boolean {
  return spec.columns.every((column) => {
    const values = heldValues(spec, column);
    if (values === 'index') return !files.some((file) => mayHoldNulls(file, column.name));
    return values !== null;
  });
}

/** How a row set has the values of a column; null where it does not. */
function heldValues(
  { ra, dec, healpix }: ScanSpec,
  { name, type }: ScanSpec['columns'][number],
): 'ra' | 'dec' | 'index' | null {
  if (type === 'DOUBLE' && name === ra) return 'ra';
  if (type === 'DOUBLE' && name === dec) return 'dec';
  if (type === 'BIGINT' && name === healpix?.name && healpix.order === INDEX_ORDER) return 'index';
  return null;
}

/** Without reading the files again; false where that cannot be. */
async function writeHeld(
  context: RunContext,
  spec: ScanSpec,
  set: RowSet,
  output: string,
): Promise<boolean> {
  const held = spec.columns.map(({ name, type }) => {
    const values = set[heldValues(spec, { name, type })!]!;
    return { name, type, source: { kind: 'held' as const, values } };
  });
  const source = { kind: 'held' as const, values: rowNumbers(set, 0) };
  const columns = [...held, { name: SOURCE_ROW, type: 'INTEGER', source }];
  const pieces = [{ path: output, from: 0, to: set.length }];
  return writePlain(context, new Map(), columns, EDGE_PARQUET, pieces);
}

async function writeGathered(
  context: RunContext,
  spec: ScanSpec,
  set: RowSet,
  files: readonly PlacedFile[],
  output: string,
): Promise<void> {
  const columns = [
    ...allColumns(spec, 0),
    { name: SOURCE_ROW, type: 'INTEGER', ref: { kind: 'row' as const, scan: 0 } },
  ];
  await writeRowsTo(context, set, loadedScan(files), columns, EDGE_PARQUET, output);
}
