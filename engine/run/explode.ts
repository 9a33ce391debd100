/** One row per element of a list. */
import type { CellNode } from '../task.ts';
import { CellTooLarge, type RunContext, timed } from './context.ts';
import { gatherRows } from './gather.ts';
import type { Loaded } from './loaded.ts';
import { type RowSet, takeRows } from './row-set.ts';

/** Bytes per row of the arrays that exploded rows are made of. */
const BYTES_PER_ROW = 32;

/** The rows of `set`, each as often as its list has elements. Throws {@link CellTooLarge} where they do not fit. */
export async function explodeRows(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  { list, step, keepEmpty }: Extract<CellNode, { kind: 'explode' }>,
): Promise<RowSet> {
  const lengths = await lengthsOf(context, set, loaded, list);
  let total = 0;
  for (const length of lengths) total += Math.max(length, keepEmpty ? 1 : 0);
  if (total * BYTES_PER_ROW > context.arrayBytes) throw new CellTooLarge();
  const rows = new Int32Array(total);
  const elements = new Int32Array(total);
  let at = 0;
  for (let row = 0; row < lengths.length; row++) {
    const length = lengths[row]!;
    for (let element = 1; element <= length; element++) {
      rows[at] = row;
      elements[at++] = element;
    }
    if (length === 0 && keepEmpty) {
      rows[at] = row;
      elements[at++] = -1;
    }
  }
  const exploded = takeRows(set, rows);
  const own = { of: set, bases: rows, elements };
  return { ...exploded, exploded: new Map([...exploded.exploded, [step, own]]) };
}

async function lengthsOf(
  context: RunContext,
  set: RowSet,
  loaded: Loaded,
  list: Extract<CellNode, { kind: 'explode' }>['list'],
): Promise<Int32Array> {
  if (set.length === 0) return new Int32Array(0);
  const gathered = await gatherRows(context, set, loaded, [list]);
  try {
    const length = `coalesce(len(${gathered.expressions[0]}), 0)::INTEGER`;
    const sql = `SELECT ${length} ${gathered.from}${gathered.inOrder}`;
    const read = await timed(context, 'gather', () => context.session.columns(sql, ['i32']));
    return read.columns[0]!.values as Int32Array;
  } finally {
    await gathered.drop();
  }
}
