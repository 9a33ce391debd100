/** From the values of aggregates to those of expressions over them: `max(mag) - min(mag)`. */
import { dataError } from '../../partitioning/error.ts';
import type { CheckedAggregate } from '../expression/aggregate-check.ts';
import { mapColumns, quoteName } from '../expression/expression.ts';
import { storageOf } from '../expression/storage.ts';
import type { Session, TableColumn } from '../session.ts';
import type { CallColumn } from './finish-groups.ts';

/** Values of an expression, one per group, as its type stores them (see storage.ts). */
export interface ValueColumn {
  /** DuckDB type of the values. */
  readonly type: string;
  readonly values: Float64Array | BigInt64Array;
  /** 1 where there is a value; null: everywhere. */
  readonly valid: Uint8Array | null;
}

/** Groups that are worked out at a time. */
const BLOCK_ROWS = 1 << 16;

/** The type that values of a type have in a result: sums of integers have 64 bits there. */
export function resultType(type: string): string {
  return type === 'HUGEINT' || type === 'UHUGEINT' ? 'BIGINT' : type;
}

/** The values of one expression, from those of its calls. */
export async function valuesOf(
  aggregate: CheckedAggregate,
  calls: readonly CallColumn[],
  session: Session,
): Promise<ValueColumn> {
  const alone = aggregate.names.findIndex((name) => aggregate.value.sql === quoteName(name));
  const type = resultType(aggregate.value.type);
  if (alone >= 0) return { type, ...narrowed(calls[alone]!, aggregate.text) };
  const length = calls[0]!.values.length;
  const values =
    storageOf(type)!.kind === 'f64' ? new Float64Array(length) : new BigInt64Array(length);
  const columns = calls.flatMap(tableColumns);
  let valid: Uint8Array | null = null;
  for (let from = 0; from < length; from += BLOCK_ROWS) {
    const to = Math.min(length, from + BLOCK_ROWS);
    const block = await computeBlock(aggregate, type, columns, [from, to], session);
    (values as Float64Array).set(block.values as Float64Array, from);
    if (block.valid !== undefined) {
      valid ??= new Uint8Array(length).fill(1);
      valid.set(block.valid, from);
    }
  }
  return { type, values, valid };
}

/** Whole numbers of 64 bits; refused where one is larger. */
function narrowed({ values, valid }: CallColumn, text: string): Omit<ValueColumn, 'type'> {
  if (values instanceof Float64Array || values instanceof BigInt64Array) return { values, valid };
  const large = values.find((value) => BigInt.asIntN(64, value) !== value);
  throw dataError(
    `${text} is ${large}, which is more than 64 bits hold`,
    undefined,
    'Sum doubles instead: sum(x::double).',
  );
}

let tables = 0;

async function computeBlock(
  { names, calls: types, value }: CheckedAggregate,
  type: string,
  columns: readonly TableColumn[],
  [from, to]: readonly [number, number],
  session: Session,
) {
  const table = `groups_${tables++}`;
  await session.createTable(table, columns, from, to);
  try {
    const list = types.map((call, i) => {
      const isText = Array.isArray(columns[2 * i]!.values);
      const decoded = isText ? `v${i}` : (storageOf(call.type)?.decode(`v${i}`) ?? `v${i}`);
      return `CASE WHEN u${i} = 1 THEN CAST(${decoded} AS ${call.type}) END AS c${i}`;
    });
    const { kind, encode } = storageOf(type)!;
    const result = encode(mapColumns(value.sql, (name) => `c${names.indexOf(name)}`));
    const query = `SELECT ${result} FROM (SELECT ${list.join(', ')}, rowid AS n FROM ${table}) ORDER BY n`;
    return (await session.columns(query, [kind])).columns[0]!;
  } finally {
    await session.dropTable(table);
  }
}

function tableColumns({ values, valid }: CallColumn, i: number): TableColumn[] {
  const isStored = values instanceof Float64Array || values instanceof BigInt64Array;
  return [
    // The database takes whole numbers of more than 64 bits as texts.
    { name: `v${i}`, values: isStored ? values : values.map(String) },
    { name: `u${i}`, values: valid ?? new Uint8Array(values.length).fill(1) },
  ];
}
