/** Columns of FITS binary tables as typed arrays. */
import { dataError } from '../partitioning/error.ts';
import { type FitsSource, type FitsUnit, numberCard } from './fits.ts';

export type TableValues =
  | Uint8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

export interface TableColumn {
  /** `TTYPEn`; empty where the table does not name its columns. */
  readonly name: string;
  /** `TUNITn`. */
  readonly unit?: string;
  /** Type letter of `TFORMn`: `K` is a 64-bit integer, `D` a double. */
  readonly code: string;
  /** Values per row. */
  readonly repeat: number;
  /** Bytes from the start of a row. */
  readonly offset: number;
  /** Stored value × scale + zero. */
  readonly scale: number;
  readonly zero: number;
}

export interface BinaryTable {
  readonly unit: FitsUnit;
  readonly rows: number;
  readonly rowBytes: number;
  readonly columns: readonly TableColumn[];
}

/** Bytes per value of each type letter (FITS standard 4.0, table 18). */
const VALUE_BYTES: Readonly<Record<string, number>> = {
  L: 1,
  X: 1 / 8,
  B: 1,
  I: 2,
  J: 4,
  K: 8,
  A: 1,
  E: 4,
  D: 8,
  C: 8,
  M: 16,
  P: 8,
  Q: 16,
};

/** The layout of a binary table; `undefined` when the unit is something else. */
export function binaryTable(tableUnit: FitsUnit, where: string): BinaryTable | undefined {
  const { header } = tableUnit;
  if (header.get('XTENSION') !== 'BINTABLE') return undefined;
  const columns: TableColumn[] = [];
  let offset = 0;
  for (let i = 1; i <= (numberCard(header, 'TFIELDS') ?? 0); i += 1) {
    const form = String(header.get(`TFORM${i}`) ?? '');
    const [, count, code] = /^\s*(\d*)([A-Z])/.exec(form) ?? [];
    if (code === undefined || VALUE_BYTES[code] === undefined) {
      throw dataError(`column ${i} of the FITS table has the unknown form '${form}'`, where);
    }
    const repeat = count === '' ? 1 : Number(count);
    const unit = String(header.get(`TUNIT${i}`) ?? '').trim();
    columns.push({
      name: String(header.get(`TTYPE${i}`) ?? '').trim(),
      ...(unit === '' ? {} : { unit }),
      code,
      repeat,
      offset,
      scale: numberCard(header, `TSCAL${i}`) ?? 1,
      zero: numberCard(header, `TZERO${i}`) ?? 0,
    });
    offset += Math.ceil(repeat * VALUE_BYTES[code]!);
  }
  const rowBytes = numberCard(header, 'NAXIS1') ?? 0;
  if (rowBytes !== offset) {
    throw dataError(`rows of the FITS table have ${rowBytes} bytes, its columns ${offset}`, where);
  }
  return { unit: tableUnit, rows: numberCard(header, 'NAXIS2') ?? 0, rowBytes, columns };
}

/** About this many bytes are read at a time. */
const READ_BYTES = 1 << 22;

/**
 * All values of a numeric column, row after row.
 * @throws the `data` error for a column of text, bits or variable length
 */
export async function readTableColumn(
  source: FitsSource,
  table: BinaryTable,
  column: TableColumn,
): Promise<TableValues> {
  const values = emptyValues(column, table.rows * column.repeat, source.where);
  const bytes = new Uint8Array(values.buffer);
  const cellBytes = values.BYTES_PER_ELEMENT * column.repeat;
  const { rows, rowBytes, unit } = table;
  const step = Math.max(1, Math.floor(READ_BYTES / Math.max(1, rowBytes)));
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step);
    const start = unit.dataStart;
    const block = await source.read(start + from * rowBytes, start + to * rowBytes);
    if (cellBytes === rowBytes) {
      bytes.set(block, from * cellBytes);
    } else {
      for (let row = from; row < to; row += 1) {
        const at = (row - from) * rowBytes + column.offset;
        bytes.set(block.subarray(at, at + cellBytes), row * cellBytes);
      }
    }
  }
  swapBytes(Buffer.from(values.buffer), values.BYTES_PER_ELEMENT);
  return scaled(values, column);
}

function emptyValues(column: TableColumn, count: number, where: string): TableValues {
  switch (column.code) {
    case 'B':
      return new Uint8Array(count);
    case 'I':
      return new Int16Array(count);
    case 'J':
      return new Int32Array(count);
    case 'K':
      return new BigInt64Array(count);
    case 'E':
      return new Float32Array(count);
    case 'D':
      return new Float64Array(count);
    default: {
      const name = column.name === '' ? 'a column' : `the column ${column.name}`;
      throw dataError(
        `${name} of the FITS table is not made of numbers (form ${column.code})`,
        where,
      );
    }
  }
}

/** FITS is big-endian; every machine this runs on is not. */
function swapBytes(bytes: Buffer, valueBytes: number): void {
  if (valueBytes === 2) bytes.swap16();
  else if (valueBytes === 4) bytes.swap32();
  else if (valueBytes === 8) bytes.swap64();
}

/** Unsigned integers are stored as signed ones with an offset. */
function scaled(values: TableValues, { scale, zero }: TableColumn): TableValues {
  if (scale === 1 && zero === 0) return values;
  const result = new Float64Array(values.length);
  for (let i = 0; i < values.length; i += 1) result[i] = Number(values[i]) * scale + zero;
  return result;
}
