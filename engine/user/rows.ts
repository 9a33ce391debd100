/**
 * Rows for user code out of a batch of columns: scalars as numbers, 64-bit integers as bigint, texts as strings, times
 * as Date, lists as typed arrays (slices of the batch's column), a nested column as an object of such arrays.
 */
import type { ValueBatch, ValueColumn } from '../session.ts';

/** What one property of a row is made of; numbers are columns of the batch. */
export type RowProperty =
  | {
      readonly name: string;
      readonly kind: 'value';
      readonly column: number;
      readonly time: boolean;
    }
  | {
      readonly name: string;
      readonly kind: 'nest';
      readonly fields: readonly {
        readonly name: string;
        readonly column: number;
        readonly time: boolean;
      }[];
    };

export type Row = Readonly<Record<string, unknown>>;

/** A function that makes row i of `batch` an object; every row has the same shape. */
export function rowMaker(
  properties: readonly RowProperty[],
  batch: ValueBatch,
): (row: number) => Row {
  const readers = properties.map((property) => {
    if (property.kind === 'value') return readerOf(batch.columns[property.column]!, property.time);
    const fields = property.fields.map(({ column, time }) =>
      readerOf(batch.columns[column]!, time),
    );
    return nestReader(
      property.fields.map(({ name }) => name),
      fields,
    );
  });
  return objectMaker(
    properties.map(({ name }) => name),
    readers,
  );
}

type Reader = (row: number) => unknown;

/** One object literal for all rows keeps their hidden class, and so the user's code fast. */
function objectMaker(names: readonly string[], readers: readonly Reader[]): (row: number) => Row {
  const args = readers.map((_, i) => `r${i}`);
  // A plain `__proto__` key would set the prototype.
  const keys = names.map((name) => (name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)));
  const body = keys.map((key, i) => `${key}: r${i}(row)`).join(', ');
  const make = new Function(...args, `return (row) => ({ ${body} });`) as (
    ...readers: readonly Reader[]
  ) => (row: number) => Row;
  return make(...readers);
}

/** Null where every list is. */
function nestReader(names: readonly string[], fields: readonly Reader[]): Reader {
  const make = objectMaker(names, fields);
  return (row) => {
    const nest = make(row);
    for (const name in nest) if (nest[name] !== null) return nest;
    return null;
  };
}

function readerOf(column: ValueColumn, time: boolean): Reader {
  switch (column.kind) {
    case 'texts':
      return (row) => column.values[row];
    case 'booleans': {
      const { values, valid } = column;
      return (row) => (valid !== null && valid[row] === 0 ? null : values[row] === 1);
    }
    case 'numbers': {
      const { values, valid } = column;
      if (time) {
        return (row) => (valid !== null && valid[row] === 0 ? null : new Date(Number(values[row])));
      }
      if (valid === null) return (row) => values[row];
      return (row) => (valid[row] === 0 ? null : values[row]);
    }
    case 'lists':
      return listReader(column, time);
    default:
      throw new Error(`unknown column ${JSON.stringify(column satisfies never)}`);
  }
}

function listReader(column: ValueColumn & { kind: 'lists' }, time: boolean): Reader {
  const { starts, lengths, items, valid } = column;
  const slice = slicer(items, time);
  return (row) => {
    if (valid !== null && valid[row] === 0) return null;
    const start = starts[row]!;
    return slice(start, start + lengths[row]!);
  };
}

/** Elements [start, end); NaN stands for null among floats, other elements that can be null come as a plain array. */
function slicer(items: ValueColumn, time: boolean): (start: number, end: number) => unknown {
  if (items.kind === 'numbers' && !time) {
    const { values, valid } = items;
    const isFloat = values instanceof Float64Array || values instanceof Float32Array;
    if (valid !== null && isFloat) {
      for (let i = 0; i < values.length; i++) if (valid[i] === 0) values[i] = Number.NaN;
    }
    if (valid === null || isFloat) return (start, end) => values.subarray(start, end);
  }
  const read = readerOf(items, time);
  return (start, end) => Array.from({ length: end - start }, (_, i) => read(start + i));
}
