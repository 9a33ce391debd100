/** Cuts an unsorted Parquet table into pieces: the small way into the HATS world. */
import { indexRange } from '../../partitioning/pixel.ts';
import type { CellResult, TableTask } from '../task.ts';
import type { RunContext } from './context.ts';
import { loadedScan } from './loaded.ts';
import { countPerPixel } from './map-counts.ts';
import { writePieces } from './pieces.ts';
import { takeRows } from './row-set.ts';
import { loadScan, WHOLE_CELL } from './scan.ts';

/** One result per base pixel that holds rows. */
export async function runTable(context: RunContext, task: TableTask): Promise<CellResult[]> {
  const cell = {
    own: [],
    halo: { kind: 'files' as const, parts: [{ pixel: null, files: task.files }] },
  };
  const { set, files } = await loadScan(
    context,
    0,
    cell,
    { positions: true, order: true },
    WHOLE_CELL,
  );
  const results: CellResult[] = [];
  let from = 0;
  for (let base = 0; base < 12; base++) {
    const pixel = { order: 0, pixel: base };
    const { end } = indexRange(pixel);
    let to = from;
    while (to < set.length && set.index![to]! < end) to++;
    if (to === from) continue;
    const rows = new Int32Array(to - from);
    for (let i = 0; i < rows.length; i++) rows[i] = from + i;
    const part = takeRows(set, rows);
    from = to;
    results.push({
      pixel,
      rows: part.length,
      pieces: await writePieces(context, part, loadedScan(files), task.sink, pixel),
      map: countPerPixel(part.ra!, part.dec!, task.sink.mapOrder),
      excursionArcsec: [],
    });
  }
  return results;
}
