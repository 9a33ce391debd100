/** Runs user code over all rows of a cell at once: an Arrow table in, an Arrow table out, by way of Parquet files. */
import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Table, tableFromIPC } from 'apache-arrow';
import { CrosshatchError } from '../../partitioning/error.ts';
import { hashPositions } from '../../partitioning/healpix.ts';
import type { Pixel } from '../../partitioning/pixel.ts';
import { quoteName, quoteText } from '../expression/quote.ts';
import type { TableCell } from '../task.ts';
import { codeName } from '../user/code.ts';
import { loadUserCode, messageOf, stackOf } from '../user/load.ts';
import { ARROW_BRIDGE, arrowStream, parquetOf } from './arrow-bridge.ts';
import { type RunContext, timed } from './context.ts';
import { copyRows, writeParquet } from './copy-rows.ts';
import { doubles } from './file-rows.ts';
import type { Loaded } from './loaded.ts';
import { ROW_NUMBER } from './relation.ts';
import { noSteps, type RowSet } from './row-set.ts';
import { sortedByIndex } from './sort-rows.ts';

/** What the code makes of the rows of `set`. */
export async function runTable(
  context: RunContext,
  set: RowSet,
  loaded: Loaded & { readonly made: Map<number, string> },
  node: TableCell,
  pixel: Pixel,
  wantsOrder: boolean,
): Promise<RowSet> {
  const table = `made_${context.nextTable++}`;
  const fail = failure(node, pixel);
  await madeOf(context, set, loaded, node, pixel, async (file, columns) => {
    checkColumns(node, columns, fail);
    const list = node.outputs.map(
      ({ name, type }) => `${quoteName(name)}::${type} AS ${quoteName(name)}`,
    );
    const from = `read_parquet(${quoteText(file)}, file_row_number=true)`;
    await context.session.run(
      `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT ${list.join(', ')}, ` +
        `file_row_number::INTEGER AS ${ROW_NUMBER} FROM ${from}`,
    );
  });
  loaded.made.set(node.step, table);
  return rowsOf(context, table, node, wantsOrder, fail);
}

/** Names and types that the code gives back for the rows of `set`. */
export async function sampleTable(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  node: TableCell,
  pixel: Pixel,
): Promise<Record<string, string>> {
  const types: Record<string, string> = {};
  await madeOf(context, set, loaded, node, pixel, async (_file, columns) => {
    for (const { name, type } of columns) types[name] = type;
  });
  return types;
}

interface FoundColumn {
  readonly name: string;
  readonly type: string;
}

/** Calls the code, and `use` with the Parquet file of what it returned. */
async function madeOf(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  node: TableCell,
  pixel: Pixel,
  use: (file: string, columns: readonly FoundColumn[]) => Promise<void>,
): Promise<void> {
  const file = join(context.tempDir, `user-${randomUUID()}.parquet`);
  const code = await loadUserCode(node.code, node.constants, context.watch);
  const fail = failure(node, pixel);
  try {
    await copyRows(context, set, loaded, node.inputs, (query) =>
      writeParquet(context, query, file, ARROW_BRIDGE),
    );
    const input = tableFromIPC(await arrowStream(await readFile(file)));
    const returned = await timed(context, 'user', async () => {
      context.watch?.enter(0, `${set.length} rows`);
      try {
        return await code.call(input, { ...code.context, pixel } as never);
      } catch (error) {
        throw fail(`it threw ${messageOf(error)}`, error);
      } finally {
        context.watch?.leave();
      }
    });
    if (!(returned instanceof Table) && !isTable(returned)) {
      throw fail('it returned something else than an Arrow table');
    }
    await writeFile(file, await parquetOf(returned as Table));
    const columns = await context.session.describe(
      `SELECT * FROM read_parquet(${quoteText(file)})`,
    );
    await use(file, columns);
  } finally {
    await rm(file, { force: true });
  }
}

/** A table made by another copy of apache-arrow. */
function isTable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'schema' in value && 'batches' in value;
}

type Fail = (what: string, cause?: unknown) => CrosshatchError;

function failure({ code, label }: TableCell, { order, pixel }: Pixel): Fail {
  return (what, cause) =>
    new CrosshatchError(
      {
        tag: 'user',
        what: `${codeName(code)} failed on a partition of ${label}: ${what}`,
        where: `pixel ${order}/${pixel}`,
        ...stackOf(cause),
      },
      { cause },
    );
}

function checkColumns(node: TableCell, found: readonly FoundColumn[], fail: Fail): void {
  const types = new Map(found.map(({ name, type }) => [name, type]));
  for (const { name, type } of node.outputs) {
    const got = types.get(name);
    if (got === undefined) throw fail(`the table it returned has no column ${name}`);
    if (got !== type) throw fail(`column ${name} of the table it returned is ${got}, not ${type}`);
  }
  const known = new Set(node.outputs.map(({ name }) => name));
  const more = found.find(({ name }) => !known.has(name));
  if (more !== undefined) throw fail(`the table it returned has one more column, ${more.name}`);
}

async function rowsOf(
  context: RunContext,
  table: string,
  { step, position }: TableCell,
  wantsOrder: boolean,
  fail: Fail,
): Promise<RowSet> {
  const made = new Map([[step, null]]);
  if (position === null) {
    const [row] = await context.session.rows(`SELECT count(*)::DOUBLE AS n FROM ${table}`);
    return { length: Number(row!['n']), ra: null, dec: null, index: null, ...noSteps, made };
  }
  const list = [position.ra, position.dec].map((name) => `${quoteName(name)}::DOUBLE`);
  const read = await context.session.columns(
    `SELECT ${list.join(', ')} FROM ${table} ORDER BY ${ROW_NUMBER}`,
    ['f64', 'f64'],
  );
  const [ra, dec] = [doubles(read.columns[0]!), doubles(read.columns[1]!)];
  for (let i = 0; i < read.rows; i++) {
    const usable = Number.isFinite(ra[i]!) && dec[i]! >= -90 && dec[i]! <= 90;
    if (!usable) {
      throw fail(`row ${i} of the table it returned has the position ${ra[i]}, ${dec[i]}`);
    }
  }
  const index = wantsOrder ? hashPositions(ra, dec, 29) : null;
  const set = { length: read.rows, ra, dec, index, ...noSteps, made };
  return wantsOrder ? sortedByIndex(set, 0) : set;
}
