/**
 * Lists of a nest step out of typed arrays: numbers are read from the files in their order, picked by row number and
 * laid down list after list. Sorting them into lists in the database takes ten times as long and several times the
 * memory.
 */
import { quoteName } from '../expression/quote.ts';
import type { NumericColumn, NumericKind, TableColumn } from '../session.ts';
import type { BoundColumn } from '../task.ts';
import type { RunContext } from './context.ts';
import type { NumberSql } from './leaf-values.ts';
import type { Loaded } from './loaded.ts';
import type { Groups, RowSet } from './row-set.ts';
import { scanOf, storedNumbers } from './window-values.ts';

type Values = Pick<TableColumn, 'values' | 'valid' | 'boolean'>;

/** How a type is read, and what becomes of the numbers. */
interface Reading {
  readonly kind: NumericKind;
  /** Narrower than any kind: read as INTEGER. */
  readonly narrow?: (values: Int32Array) => Pick<Values, 'values' | 'boolean'>;
}

const READINGS: Readonly<Record<string, Reading>> = {
  DOUBLE: { kind: 'f64' },
  FLOAT: { kind: 'f32' },
  BIGINT: { kind: 'i64' },
  INTEGER: { kind: 'i32' },
  SMALLINT: { kind: 'i32', narrow: (values) => ({ values: Int16Array.from(values) }) },
  TINYINT: { kind: 'i32', narrow: (values) => ({ values: Int8Array.from(values) }) },
  UTINYINT: { kind: 'i32', narrow: (values) => ({ values: Uint8Array.from(values) }) },
  BOOLEAN: {
    kind: 'i32',
    narrow: (values) => ({ values: Uint8Array.from(values), boolean: true }),
  },
};

/** Bytes of a number in its file's array, in that of all files, and where it is picked to. */
const BYTES_PER_VALUE = 24;
/** However small the share. */
const LEAST_VALUES = 1 << 12;

/** Values of some columns, by their places among those asked for, in the order of the members. */
type ListValues = ReadonlyMap<number, Values>;

/** Those of `columns` that can be read so, as many at a time as fit the share of a worker, or one. */
export async function* typedLists(
  context: RunContext,
  members: RowSet,
  loaded: Loaded,
  columns: readonly BoundColumn[],
): AsyncGenerator<ListValues, void, void> {
  if (members.length === 0) return;
  const distances = columns.flatMap((column, place) => {
    const values = distancesOf(members, column);
    return values === null ? [] : [[place, values] as const];
  });
  if (distances.length > 0) yield new Map(distances);
  const most = Math.max(LEAST_VALUES, context.arrayBytes / BYTES_PER_VALUE);
  const together = Math.max(1, Math.floor(most / members.length));
  const stored = columns.flatMap((column, place) => numberOf(column, place));
  for (const numbers of Map.groupBy(stored, (number) => scanOf([number], members)).values()) {
    for (let from = 0; from < numbers.length; from += together) {
      const some = numbers.slice(from, from + together);
      const read = await storedNumbers(context, members, loaded, some);
      if (read === null) break;
      yield new Map(some.map(({ place, narrow }, i) => [place, asValues(read[i]!, narrow)]));
    }
  }
}

function asValues({ values, valid }: NumericColumn, narrow: Reading['narrow']): Values {
  const narrowed = narrow === undefined ? { values } : narrow(values as Int32Array);
  return valid === undefined ? narrowed : { ...narrowed, valid };
}

type PlacedNumber = NumberSql & Reading & { readonly place: number };

function numberOf(column: BoundColumn, place: number): PlacedNumber[] {
  const reading = READINGS[column.type];
  if (reading === undefined || column.ref.kind !== 'scan' || column.ref.field !== undefined)
    return [];
  const name = quoteName(column.name);
  const sql = reading.narrow === undefined ? name : `${name}::INTEGER`;
  return [{ ...reading, place, sql, columns: [column], total: true }];
}

/** No match is NaN in typed arrays and null in tables. */
function distancesOf(members: RowSet, { ref }: BoundColumn): Values | null {
  if (ref.kind !== 'distance') return null;
  const values = members.distances.get(ref.match)!;
  let valid: Uint8Array | undefined;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) continue;
    valid ??= new Uint8Array(values.length).fill(1);
    valid[i] = 0;
  }
  return valid === undefined ? { values } : { values, valid };
}

/** A table of lists l0, l1, … for all rows, whose numbers are n; a row without members has none. */
export function listColumns({ counts }: Groups, lists: readonly Values[]): TableColumn[] {
  const { length } = counts;
  const numbers = new Int32Array(length);
  const ends = new Uint32Array(length);
  let listValid: Uint8Array | undefined;
  let end = 0;
  for (let row = 0; row < length; row++) {
    numbers[row] = row;
    end += counts[row]!;
    ends[row] = end;
    if (counts[row] !== 0) continue;
    listValid ??= new Uint8Array(length).fill(1);
    listValid[row] = 0;
  }
  const shape = listValid === undefined ? { ends } : { ends, listValid };
  return [
    { name: 'n', values: numbers },
    ...lists.map((values, i) => ({ name: `l${i}`, ...values, ...shape })),
  ];
}
