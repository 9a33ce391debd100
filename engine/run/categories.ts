/**
 * Sorts rows into categories by the values of keys. A lone key that is a number is read as it is. Others are hashed by
 * the database; typed arrays tell equal hashes apart, and the values themselves are fetched once for each hash. Two
 * categories with one hash are met with another hash.
 */
import { dataError } from '../../partitioning/error.ts';
import type { GroupKey, KeyValue, RowExpression } from '../groups.ts';
import { compareKeys } from '../reduce/group-keys.ts';
import type { NumericColumn } from '../session.ts';
import type { BoundColumn } from '../task.ts';
import type { RunContext } from './context.ts';
import type { NumberSql } from './leaf-values.ts';
import type { RowValues } from './row-values.ts';

export interface Categories {
  /** Category of each row. */
  readonly ids: Int32Array;
  /** Categories that rows have, in their order. */
  readonly keys: readonly (readonly KeyValue[])[];
}

/** SQL for a hash of some keys; the same value has the same hash wherever it stands. */
export function hashOf(keys: readonly RowExpression[], salt: number): NumberSql {
  const byName = new Map<string, BoundColumn>();
  for (const { columns } of keys) for (const column of columns) byName.set(column.name, column);
  return {
    // Without its lowest bit a hash fits a signed number.
    sql: `CAST(hash(${[...keys.map(({ sql }) => sql), salt].join(', ')}) >> 1 AS BIGINT)`,
    columns: [...byName.values()],
    total: keys.every(({ total }) => total),
    kind: 'i64',
  };
}

/** The number that tells categories apart: the lone key, or the first hash of all keys. */
export function categoryNumber(keys: readonly GroupKey[]): NumberSql {
  const [key, ...others] = keys;
  const { kind } = key!;
  return kind === 'text' || others.length > 0 ? hashOf(keys, 0) : { ...key!, kind };
}

/** What the categories of some rows are made from. */
export interface CategoryInput {
  readonly keys: readonly GroupKey[];
  readonly max: number;
  readonly values: RowValues;
  /** {@link categoryNumber} of the rows. */
  readonly numbers: NumericColumn;
  /** For tests, which need hashes that collide. */
  readonly hash?: typeof hashOf;
}

/** Finds the categories of rows. Throws a data error where there are more than `max`. */
export async function categorise(
  context: RunContext,
  { keys, max, values, numbers, hash = hashOf }: CategoryInput,
): Promise<Categories> {
  if (keys.length === 1 && keys[0]!.kind !== 'text') {
    const { ids, firstRows } = distinguish(numbers, max);
    return inOrder(
      ids,
      Array.from(firstRows, (row) => [valueAt(numbers, row)]),
    );
  }
  let column = numbers;
  for (let salt = 0; ; salt++) {
    const { ids, firstRows } = distinguish(column, max);
    const distinct = BigInt64Array.from(firstRows, (row) => column.values[row] as bigint);
    const found = await fetchKeys(context, values, [hash(keys, salt), ...keys], distinct);
    if (found !== null) return inOrder(ids, found);
    column = (await values.numbers([hash(keys, salt + 1)]))[0]!;
  }
}

function valueAt({ values, valid }: NumericColumn, row: number): KeyValue {
  return valid !== undefined && valid[row] === 0 ? null : values[row]!;
}

/** More categories than a result may have. */
export function tooManyCategories(max: number) {
  return dataError(
    `there are more than ${max.toLocaleString('en-US')} groups`,
    undefined,
    'Group by something with fewer values, for example floor(x), or take a part of the catalog.',
  );
}

/** Rows with equal numbers, by the order in which the numbers first come, and the first row of each. */
interface Distinguished {
  readonly ids: Int32Array;
  readonly firstRows: Int32Array;
}

/** Tells rows apart by the 64 bits of a number; all NaN are one, and so are all nulls. */
function distinguish({ values, valid }: NumericColumn, max: number): Distinguished {
  const { length } = values;
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * length);
  if (values instanceof Float64Array) joinNans(values);
  const ids = new Int32Array(length);
  const seen = new Seen(words);
  let nullId = -1;
  for (let row = 0; row < length; row++) {
    if (valid !== undefined && valid[row] === 0) {
      if (nullId < 0) nullId = seen.addAlone(row);
      ids[row] = nullId;
    } else if (row > 0 && seen.isLike(row, row - 1) && ids[row - 1] !== nullId) {
      // Neighbours often are of one category.
      ids[row] = ids[row - 1]!;
    } else ids[row] = seen.idOf(row);
    if (seen.count > max) throw tooManyCategories(max);
  }
  return { ids, firstRows: seen.firstRows.slice(0, seen.count) };
}

/** Gives all NaN the same bits. */
function joinNans(values: Float64Array): void {
  for (let row = 0; row < values.length; row++) {
    if (Number.isNaN(values[row]!)) values[row] = Number.NaN;
  }
}

/** Numbers that have come, as a table of open addresses. */
class Seen {
  readonly #words: Int32Array;
  #table = new Int32Array(1024).fill(-1);
  firstRows = new Int32Array(512);
  count = 0;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  isLike(row: number, other: number): boolean {
    const words = this.#words;
    return words[2 * row] === words[2 * other] && words[2 * row + 1] === words[2 * other + 1];
  }

  /** The number of a row's bits, a new one where they have not come before. */
  idOf(row: number): number {
    let slot = this.#slotOf(row);
    for (let id = this.#table[slot]!; id >= 0; id = this.#table[slot]!) {
      if (this.isLike(row, this.firstRows[id]!)) return id;
      slot = (slot + 1) & (this.#table.length - 1);
    }
    const id = this.addAlone(row);
    this.#table[this.#freeSlot(row)] = id;
    return id;
  }

  /** A new number that no other row's bits will find. */
  addAlone(row: number): number {
    if (2 * this.count + 2 >= this.#table.length) this.#grow();
    this.firstRows[this.count] = row;
    return this.count++;
  }

  #freeSlot(row: number): number {
    let slot = this.#slotOf(row);
    while (this.#table[slot]! >= 0) slot = (slot + 1) & (this.#table.length - 1);
    return slot;
  }

  #slotOf(row: number): number {
    const words = this.#words;
    // The low bits of round doubles are zero: all bits have their say.
    const mixed = Math.imul(
      words[2 * row]! ^ Math.imul(words[2 * row + 1]!, 0x9e3779b1),
      0x85ebca6b,
    );
    return (mixed ^ (mixed >>> 15)) & (this.#table.length - 1);
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(2 * old.length).fill(-1);
    const rows = new Int32Array(old.length);
    rows.set(this.firstRows);
    this.firstRows = rows;
    for (const id of old) if (id >= 0) this.#table[this.#freeSlot(rows[id]!)] = id;
  }
}

/** The keys of each hash, in the order of the hashes; null where two categories have one hash. */
async function fetchKeys(
  context: RunContext,
  values: RowValues,
  expressions: readonly RowExpression[],
  distinct: BigInt64Array,
): Promise<(readonly KeyValue[])[] | null> {
  if (distinct.length === 0) return [];
  const found = new Map<bigint, readonly KeyValue[]>();
  const table = `hashes_${context.nextTable++}`;
  await context.session.createTable(table, [{ name: 'h', values: distinct }]);
  try {
    const rows = await values.distinct(expressions, `e0 IN (SELECT h FROM ${table})`);
    for (const row of rows) {
      const keys = expressions.slice(1).map((_, i) => row[`e${i + 1}`] as KeyValue);
      const hash = row['e0'] as bigint;
      const known = found.get(hash);
      if (known !== undefined && compareKeys(known, keys) !== 0) return null;
      found.set(hash, keys);
    }
  } finally {
    await context.session.dropTable(table);
  }
  return Array.from(distinct, (hash) => {
    const keys = found.get(hash);
    if (keys === undefined) throw new Error('a category has lost its keys');
    return keys;
  });
}

/** Categories in the order of their keys; the numbers of rows are changed in place. */
function inOrder(ids: Int32Array, keys: readonly (readonly KeyValue[])[]): Categories {
  const order = Int32Array.from(keys.keys()).sort((a, b) => compareKeys(keys[a]!, keys[b]!));
  const place = new Int32Array(order.length);
  order.forEach((id, i) => {
    place[id] = i;
  });
  for (let row = 0; row < ids.length; row++) ids[row] = place[ids[row]!]!;
  return { ids, keys: Array.from(order, (id) => keys[id]!) };
}
