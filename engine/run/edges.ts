/**
 * The edge pass: rows of a partition that lie near its border, copied into a small file that the cells beside it
 * read instead of the whole partition. This is how a match is complete without a margin catalog.
 */
import { borderRows } from '../../partitioning/border.ts';
import type { CellResult, EdgesTask } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { allColumns, copyRows, writeParquet } from './copy-rows.ts';
import { loadedScan } from './loaded.ts';
import { SOURCE_ROW } from './relation.ts';
import { takeRows } from './row-set.ts';
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
    const wants = { positions: true, order: false, allNumbers: part.files.length > 1 };
    const loaded = await loadScan(context, 0, cell, wants, WHOLE_CELL);
    const near = await timed(context, 'kernel', () =>
      borderRows(part.pixel, loaded.set.ra!, loaded.set.dec!, task.reachArcsec),
    );
    const set = takeRows(loaded.set, near);
    const columns = [
      ...allColumns(task.scan, 0),
      { name: SOURCE_ROW, type: 'INTEGER', ref: { kind: 'row' as const, scan: 0 } },
    ];
    await copyRows(context, set, loadedScan(loaded.files), columns, (query) =>
      writeParquet(context, query, part.output, EDGE_PARQUET),
    );
    const excursionArcsec = [...context.excursionArcsec];
    results.push({ pixel: part.pixel, rows: set.length, excursionArcsec });
  }
  return results;
}
