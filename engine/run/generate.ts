/** Makes cells of a generated catalog and writes them as pieces, ready to become partitions. */
import { join } from 'node:path';
import { quoteName } from '../expression/quote.ts';
import { planGeneration } from '../generate/plan.ts';
import { generateCell } from '../generate/rows.ts';
import type { CellResult, GenerateTask } from '../task.ts';
import { type RunContext, timed } from './context.ts';
import { writeParquet } from './copy-rows.ts';
import { countPerPixel } from './map-counts.ts';

/** Runs a generate task: one piece per cell, since the generator's plan already keeps to the row threshold. */
export async function runGenerate(context: RunContext, task: GenerateTask): Promise<CellResult[]> {
  const plan = planGeneration(task.spec);
  const results: CellResult[] = [];
  for (const { cell, pixel } of task.cells) {
    context.session.checkStop();
    const made = await timed(context, 'kernel', () => generateCell(task.spec, plan, cell));
    const file = join(task.sink.dir, `${pixel.order}-${pixel.pixel}.parquet`);
    await writeTable(context, made.columns, file, task.sink.parquet);
    const ra = made.columns.find(({ name }) => name === plan.raColumn)!.values as Float64Array;
    const dec = made.columns.find(({ name }) => name === plan.decColumn)!.values as Float64Array;
    results.push({
      pixel,
      rows: made.rows,
      excursionArcsec: [],
      pieces: [{ pixel, file, rows: made.rows }],
      map: countPerPixel(ra, dec, task.sink.mapOrder),
    });
  }
  return results;
}

type MadeColumn = ReturnType<typeof generateCell>['columns'][number];

async function writeTable(
  context: RunContext,
  columns: readonly MadeColumn[],
  file: string,
  parquet: GenerateTask['sink']['parquet'],
): Promise<void> {
  const table = `made_${context.nextTable++}`;
  await timed(context, 'gather', () =>
    context.session.createTable(
      table,
      columns.map(({ values }, i) => ({ name: `c${i}`, values })),
    ),
  );
  const list = columns.map(
    (column, i) => `${expression(column, `c${i}`)} AS ${quoteName(column.name)}`,
  );
  try {
    const query = `SELECT ${list.join(', ')} FROM ${table} ORDER BY rowid`;
    await timed(context, 'write', () => writeParquet(context, query, file, parquet));
  } finally {
    await context.session.dropTable(table);
  }
}

/** Codes become their labels, NaN becomes null where the column says so. */
function expression(column: MadeColumn, name: string): string {
  if (column.labels !== undefined) {
    const labels = column.labels.map((label) => `'${label}'`).join(', ');
    return `list_extract([${labels}], ${name}::INTEGER + 1)`;
  }
  return column.nullIfNaN === true ? `CASE WHEN isnan(${name}) THEN NULL ELSE ${name} END` : name;
}
