/** Runs user code row by row over a cell and keeps what it returns as a table beside the rows. */
import { CrosshatchError } from '../../partitioning/error.ts';
import { ERROR_COLUMN } from '../plan/schema.ts';
import type { RowsCell } from '../task.ts';
import { codeName } from '../user/code.ts';
import { typeOfValue } from '../user/infer.ts';
import { type LoadedCode, loadUserCode, messageOf, stackOf } from '../user/load.ts';
import { columnsIn, Outputs, WrongOutput } from '../user/outputs.ts';
import { type Row, rowMaker } from '../user/rows.ts';
import type { OutputColumn } from '../user/types.ts';
import { type RunContext, timed } from './context.ts';
import type { Loaded } from './loaded.ts';
import { ROW_NUMBER } from './relation.ts';
import { rowBatches } from './row-blocks.ts';
import { consecutive, type RowSet, rowsBetween, takeRows } from './row-set.ts';

/** Rows that user code returned before they become rows of a table. */
const FLUSH_ROWS = 16_384;

/** The rows of `set` that the code did not fail on, with what it returned in the table made of `table`. */
export async function runRows(
  context: RunContext,
  set: RowSet,
  loaded: Loaded & { readonly made: Map<number, string> },
  node: RowsCell,
  place: string,
): Promise<RowSet> {
  const code = await loadUserCode(node.code, node.constants, context.watch);
  const outputs = node.onError === 'collect' ? [...node.outputs, errorColumn] : node.outputs;
  const table = new MadeTable(context, outputs, `made_${context.nextTable++}`);
  const kept: number[] = [];
  const timedRows = node.rowTimeoutSeconds !== undefined;
  for await (const batch of readRows(context, set, loaded, node)) {
    await timed(context, 'user', async () => {
      // Telling of every row costs more than some rows do.
      if (!timedRows) context.watch?.enter(0, '');
      for (const { row, number, id } of batch) {
        context.session.checkStop();
        if (timedRows) context.watch?.enter(number, id());
        else context.watch?.at(number);
        const failure = await callOn(code, row, table.outputs);
        if (timedRows) context.watch?.leave();
        if (failure === null) kept.push(number);
        else if (node.onError === 'fail') throw rowError(node, failure, number, id(), place);
        else {
          context.userErrors++;
          const { what, where } = rowError(node, failure, number, id(), place);
          context.firstUserError ??= `${what} (${where})`;
          if (node.onError === 'skip') continue;
          table.outputs.add({ [ERROR_COLUMN]: toldBy(failure) });
          kept.push(number);
        }
      }
      if (!timedRows) context.watch?.leave();
    });
    if (table.outputs.rows >= FLUSH_ROWS) await table.flush();
  }
  if (outputs.length > 0) loaded.made.set(node.step, await table.finish());
  const rows = kept.length === set.length ? set : takeRows(set, Int32Array.from(kept));
  return outputs.length === 0
    ? rows
    : { ...rows, made: new Map([...rows.made, [node.step, null]]) };
}

const errorColumn: OutputColumn = { name: ERROR_COLUMN, element: 'VARCHAR', list: false };

/** What the first `most` rows of `set` on which the code does not fail make it return. */
export async function sampleRows(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  node: RowsCell,
  place: string,
  most: number,
): Promise<Record<string, unknown>[]> {
  const code = await loadUserCode(node.code, node.constants, context.watch);
  const returned: Record<string, unknown>[] = [];
  // Few rows are read as long as few are needed.
  for (let from = 0, size = most; from < set.length && returned.length < most; size *= 8) {
    const part = rowsBetween(set, from, from + size);
    for await (const batch of readRows(context, part, loaded, node)) {
      for (const { row, number, id } of batch) {
        if (returned.length >= most) return returned;
        context.session.checkStop();
        context.watch?.enter(from + number, id());
        try {
          const value = columnsIn(await code.call(row, code.context)) ?? {};
          for (const name in value) typeOfValue(name, value[name]);
          returned.push(value);
        } catch (error) {
          if (node.onError === 'fail') throw rowError(node, error, from + number, id(), place);
        } finally {
          context.watch?.leave();
        }
      }
    }
    from += size;
  }
  return returned;
}

interface NumberedRow {
  readonly row: Row;
  readonly number: number;
  /** What tells the row apart for a reader: its id, or its position. */
  readonly id: () => string;
}

/** The rows, batch by batch. */
async function* readRows(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  { inputs, properties, id }: RowsCell,
): AsyncGenerator<Iterable<NumberedRow>, void, void> {
  const idProperties = id.map(({ name }, i) => {
    return { name, kind: 'value' as const, column: inputs.length + i, time: false };
  });
  let first = 0;
  const batches = rowBatches(context, set, loaded, [...inputs, ...id]);
  try {
    for (;;) {
      const { done, value: batch } = await timed(context, 'gather', () => batches.next());
      if (done === true || batch === undefined) return;
      yield numberedRows(
        rowMaker(properties, batch),
        rowMaker(idProperties, batch),
        first,
        batch.rows,
      );
      first += batch.rows;
    }
  } finally {
    await batches.return();
  }
}

function* numberedRows(
  make: (row: number) => Row,
  idRow: (row: number) => Row,
  first: number,
  rows: number,
): Generator<NumberedRow, void, void> {
  for (let i = 0; i < rows; i++) {
    yield { row: make(i), number: first + i, id: () => idText(idRow(i)) };
  }
}

function idText(row: Row): string {
  return Object.entries(row)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

/** Calls the code on one row and keeps what it returns; gives back what it threw, or null. */
async function callOn(code: LoadedCode, row: Row, outputs: Outputs): Promise<unknown> {
  try {
    const returned = code.call(row, code.context);
    // Awaiting what is no promise would cost a turn of the event loop per row.
    outputs.add(isThenable(returned) ? await returned : returned);
    return null;
  } catch (error) {
    return error ?? new Error('undefined was thrown');
  }
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** What is wrong, for the column of messages. */
function toldBy(failure: unknown): string {
  return failure instanceof WrongOutput ? failure.message : messageOf(failure);
}

function rowError(
  { code, label }: RowsCell,
  error: unknown,
  number: number,
  id: string,
  place: string,
): CrosshatchError {
  const wrong = error instanceof WrongOutput ? error : null;
  const told = wrong === null ? `it threw ${messageOf(error)}` : wrong.message;
  const goOn = "Set onError to 'skip' or 'collect' to go on without such rows.";
  return new CrosshatchError(
    {
      tag: 'user',
      what: `${codeName(code)} failed on a row of ${label}: ${told}`,
      where: [place, `row ${number}`, id].filter((part) => part !== '').join(', '),
      hint: wrong?.hint === undefined ? goOn : `${wrong.hint} ${goOn}`,
      ...(wrong === null ? stackOf(error) : {}),
    },
    { cause: error },
  );
}

/** A temporary table that grows as rows come. */
class MadeTable {
  outputs: Outputs;
  readonly #context: RunContext;
  readonly #columns: readonly OutputColumn[];
  readonly #name: string;
  #rows = 0;
  #exists = false;

  constructor(context: RunContext, columns: readonly OutputColumn[], name: string) {
    this.#context = context;
    this.#columns = columns;
    this.#name = name;
    this.outputs = new Outputs(columns);
  }

  async flush(): Promise<void> {
    if (this.#columns.length === 0) return;
    const { rows } = this.outputs;
    const numbers = consecutive(this.#rows, this.#rows + rows);
    const columns = [{ name: ROW_NUMBER, values: numbers }, ...this.outputs.finish()];
    const { session } = this.#context;
    if (this.#exists) await session.appendTable(this.#name, columns);
    else await session.createTable(this.#name, columns);
    this.#exists = true;
    this.#rows += rows;
    this.outputs = new Outputs(this.#columns);
  }

  async finish(): Promise<string> {
    if (!this.#exists || this.outputs.rows > 0) await this.flush();
    return this.#name;
  }
}
