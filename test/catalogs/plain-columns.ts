/** Columns of flat types as JavaScript values, for tests of what is read and written past the database. */
import fc from 'fast-check';
import type { ColumnValues } from '../../catalogs/parquet-encode.ts';
import { openPlain } from '../../catalogs/parquet-plain.ts';
import { type PlainType, plainType } from '../../catalogs/plain-type.ts';
import { TextHeap } from '../../catalogs/text-heap.ts';
import type { Session, TableColumn } from '../../engine/session.ts';

/** Whole numbers of 64 bits are bigints, days and moments numbers of them. */
export type PlainValue = number | bigint | boolean | string | null;

export interface PlainColumn {
  readonly name: string;
  readonly type: string;
  readonly values: readonly PlainValue[];
}

const whole = (bits: number, isSigned: boolean) => {
  const [min, max] = isSigned ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  return fc.oneof(
    fc.integer({ min, max }),
    fc.integer({ min: 0, max: 5 }),
    fc.constantFrom(min, max),
  );
};
const long = (min: bigint, max: bigint) =>
  fc.oneof(fc.bigInt({ min, max }), fc.bigInt({ min: 0n, max: 3n }), fc.constantFrom(min, max));
const double = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, 1.5, -1.5));

/** What a column of each type may hold. */
export const VALUES: Readonly<Record<string, fc.Arbitrary<PlainValue>>> = {
  BOOLEAN: fc.boolean(),
  TINYINT: whole(8, true),
  SMALLINT: whole(16, true),
  INTEGER: whole(32, true),
  UTINYINT: whole(8, false),
  USMALLINT: whole(16, false),
  UINTEGER: whole(32, false),
  BIGINT: long(-(2n ** 63n), 2n ** 63n - 1n),
  UBIGINT: long(0n, 2n ** 64n - 1n),
  FLOAT: fc.oneof(fc.float(), fc.constantFrom(0, -0, Number.NaN, 1.5)),
  DOUBLE: double,
  VARCHAR: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.constantFrom('', 'zg', 'zr', 'é', 'Gaia DR3 4295806720'),
  ),
  DATE: fc.integer({ min: -10_000, max: 60_000 }),
  TIMESTAMP: long(-(2n ** 50n), 2n ** 50n),
};

/** Columns of some types and of so many rows at most; without nulls, with some, or of nulls only. */
export function plainColumns(maxRows: number): fc.Arbitrary<PlainColumn[]> {
  return fc
    .record({
      rows: fc.integer({ min: 1, max: maxRows }),
      types: fc.array(fc.constantFrom(...Object.keys(VALUES)), { minLength: 1, maxLength: 5 }),
    })
    .chain(({ rows, types }) =>
      fc.tuple(
        ...types.map((type, i) =>
          fc.constantFrom(0, 0, 2, 1).chain((freq) => {
            const value = VALUES[type]!;
            const cell =
              freq === 0 ? value : freq === 1 ? fc.constant(null) : fc.option(value, { freq });
            return fc
              .array(cell, { minLength: rows, maxLength: rows })
              .map((values) => ({ name: `c${i}`, type, values }));
          }),
        ),
      ),
    );
}

/** The values as they are held in memory. */
export function heldValues({ type, values }: PlainColumn): ColumnValues {
  const plain = plainType(type)!;
  const words = new Int32Array((values.length * plain.width) / 4);
  const view = new DataView(words.buffer);
  const texts = plain.form === 'text' ? new TextHeap() : undefined;
  const valid = Uint8Array.from(values, (value) => (value === null ? 0 : 1));
  values.forEach((value, i) => {
    if (value !== null) setValue(view, i * plain.width, plain, value, texts);
  });
  return { words, valid: valid.includes(0) ? valid : null, texts };
}

function setValue(
  view: DataView,
  at: number,
  { physical }: PlainType,
  value: NonNullable<PlainValue>,
  texts: TextHeap | undefined,
): void {
  if (physical === 'DOUBLE') view.setFloat64(at, value as number, true);
  else if (physical === 'FLOAT') view.setFloat32(at, value as number, true);
  else if (physical === 'INT64') view.setBigInt64(at, BigInt.asIntN(64, value as bigint), true);
  else if (physical === 'BYTE_ARRAY') {
    const bytes = new TextEncoder().encode(value as string);
    view.setInt32(at, texts!.add(texts!.take(bytes), bytes.length), true);
  } else view.setInt32(at, Number(value), true);
}

/** The values of a column of a file as they are read past the database; null where they are not. */
export function readPlain(path: string, name: string, type: string): PlainValue[] | null {
  const file = openPlain(path);
  if (file === null) return null;
  try {
    if (!file.holds(name, type)) return null;
    const { width, form } = plainType(type)!;
    const values: PlainValue[] = [];
    for (let group = 0; group + 1 < file.starts.length; group++) {
      const rows = file.starts[group + 1]! - file.starts[group]!;
      const bytes = new Uint8Array(rows * width);
      const valid = new Uint8Array(rows).fill(1);
      const texts = form === 'text' ? new TextHeap() : undefined;
      const target = { width, values: bytes, valid };
      const held = form === 'number' ? target : { ...target, form: texts ?? ('boolean' as const) };
      if (!file.read(name, group, held, () => {})) return null;
      const view = new DataView(bytes.buffer);
      for (let i = 0; i < rows; i++) {
        values.push(valid[i] === 0 ? null : getValue(view, i * width, type, texts));
      }
    }
    return values;
  } finally {
    file.close();
  }
}

function getValue(
  view: DataView,
  at: number,
  type: string,
  texts: TextHeap | undefined,
): PlainValue {
  const { physical, kind } = plainType(type)!;
  const isSigned = kind === 'signed';
  if (physical === 'DOUBLE') return view.getFloat64(at, true);
  if (physical === 'FLOAT') return view.getFloat32(at, true);
  if (physical === 'INT64')
    return isSigned ? view.getBigInt64(at, true) : view.getBigUint64(at, true);
  if (physical === 'BOOLEAN') return view.getInt32(at, true) === 1;
  if (physical === 'BYTE_ARRAY')
    return new TextDecoder().decode(texts!.get(view.getInt32(at, true)));
  return isSigned ? view.getInt32(at, true) : view.getUint32(at, true);
}

/** SQL of what becomes of a column of {@link tableColumn} to have the column's type. */
export function ofType(type: string): string {
  if (type === 'DATE') return "(DATE '1970-01-01' + v::INTEGER)";
  return type === 'TIMESTAMP' ? 'make_timestamp(v)' : `v::${type}`;
}

/** SQL that takes days and moments apart again. */
export function asPlain(name: string, type: string): string {
  if (type === 'DATE') return `(${name} - DATE '1970-01-01')::INTEGER`;
  return type === 'TIMESTAMP' ? `epoch_us(${name})` : name;
}

/** A column for the database, of a type that can be cast to its own. */
export function tableColumn({ name, type, values }: PlainColumn): TableColumn {
  const valid = Uint8Array.from(values, (value) => (value === null ? 0 : 1));
  return { name, valid, ...tableValues(type, values) };
}

function tableValues(
  type: string,
  values: readonly PlainValue[],
): Pick<TableColumn, 'values' | 'boolean'> {
  const numbers = () => values.map((value) => Number(value ?? 0));
  if (type === 'VARCHAR') return { values: values.map((value) => String(value ?? '')) };
  if (type === 'BOOLEAN') return { values: Uint8Array.from(numbers()), boolean: true };
  if (type === 'FLOAT') return { values: Float32Array.from(numbers()) };
  if (type === 'DOUBLE') return { values: Float64Array.from(numbers()) };
  if (type === 'UBIGINT') {
    return { values: BigUint64Array.from(values, (value) => BigInt(value ?? 0)) };
  }
  return { values: BigInt64Array.from(values, (value) => BigInt(value ?? 0)) };
}

/** The values of a column of a file as the database reads them, in their order. */
export async function readBySql(
  session: Pick<Session, 'rows'>,
  path: string,
  { name, type }: Pick<PlainColumn, 'name' | 'type'>,
): Promise<PlainValue[]> {
  const sql =
    `SELECT ${asPlain(`"${name}"`, type)} AS v, typeof("${name}") AS t ` +
    `FROM read_parquet('${path}', file_row_number=true) ORDER BY file_row_number`;
  const rows = await session.rows(sql);
  for (const { t } of rows) if (t !== type) throw new Error(`${name} is ${t}, not ${type}`);
  return rows.map(({ v }) => v as PlainValue);
}
