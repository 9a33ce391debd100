/** Picks the margin rows of a pixel out of the edge files of its neighbours. */
import { marginRows } from '../../partitioning/margin.ts';
import type { CellResult, MarginTask } from '../task.ts';
import type { RunContext } from './context.ts';
import { allColumns } from './copy-rows.ts';
import { loadedScan } from './loaded.ts';
import { writeRowsTo } from './plain-pieces.ts';
import { takeRows } from './row-set.ts';
import { loadScan, WHOLE_CELL } from './scan.ts';

/** Edge files of a margin hold all columns: nobody will look for their sources. */
function edgeOf(file: string) {
  return { file, sources: [] };
}

/** Writes one margin partition per part; none where no row is in the margin. */
export async function runMargin(context: RunContext, task: MarginTask): Promise<CellResult[]> {
  const results: CellResult[] = [];
  for (const part of task.parts) {
    const cell = { own: [], halo: { kind: 'edges' as const, parts: part.files.map(edgeOf) } };
    const loaded = await loadScan(context, 0, cell, { positions: true, order: true }, WHOLE_CELL);
    const keep = marginRows(part.pixel, task.marginOrder, loaded.set.index!);
    results.push({ pixel: part.pixel, rows: keep.length, excursionArcsec: [] });
    if (keep.length === 0) continue;
    const set = takeRows(loaded.set, keep);
    const columns = allColumns(task.scan, 0);
    const files = loadedScan(loaded.files);
    await writeRowsTo(context, set, files, columns, task.parquet, part.output);
  }
  return results;
}
