/** How values of a type are held as numbers of 64 bits, in their order, and made values again. */
import { isFloat, isInteger } from './types.ts';

export interface Storage {
  /** `f64`: doubles. `i64`: integers of 64 bits, from −2⁶³. */
  readonly kind: 'f64' | 'i64';
  /** The integers are 2⁶³ less than the values, which have no sign. */
  readonly biased: boolean;
  /** SQL for the number that stands for a value. */
  encode(sql: string): string;
  /** SQL for the value that a DOUBLE or BIGINT stands for. */
  decode(sql: string): string;
}

const BIAS = '9223372036854775808';

const NUMBER = { biased: false, decode: (sql: string) => sql };

const FLOATS: Storage = { ...NUMBER, kind: 'f64', encode: (sql) => `CAST(${sql} AS DOUBLE)` };

function integers(
  encode: (sql: string) => string,
  decode: (sql: string) => string,
  biased = false,
): Storage {
  return { kind: 'i64', biased, encode, decode };
}

const UNSIGNED = integers(
  (sql) => `CAST(CAST(${sql} AS HUGEINT) - ${BIAS} AS BIGINT)`,
  (sql) => `CAST(CAST(${sql} AS HUGEINT) + ${BIAS} AS UBIGINT)`,
  true,
);

const TIMES: ReadonlyMap<string, Storage> = new Map([
  [
    'DATE',
    integers(
      (sql) => `CAST(${sql} - DATE '1970-01-01' AS BIGINT)`,
      (sql) => `(DATE '1970-01-01' + CAST(${sql} AS INTEGER))`,
    ),
  ],
  [
    'TIMESTAMP WITH TIME ZONE',
    integers(
      (sql) => `epoch_us(${sql})`,
      (sql) => `make_timestamptz(${sql})`,
    ),
  ],
  [
    'TIMESTAMP_NS',
    integers(
      (sql) => `epoch_ns(${sql})`,
      (sql) => `make_timestamp_ns(${sql})`,
    ),
  ],
  ...['TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS'].map((type): [string, Storage] => [
    type,
    integers(
      (sql) => `epoch_us(${sql})`,
      (sql) => `CAST(make_timestamp(${sql}) AS ${type})`,
    ),
  ]),
]);

/** The storage of a DuckDB type; undefined for texts, nested values and numbers of more than 64 bits. */
export function storageOf(type: string): Storage | undefined {
  if (isFloat(type)) return FLOATS;
  if (type === 'UBIGINT') return UNSIGNED;
  if (type === 'BOOLEAN' || (isInteger(type) && type !== 'HUGEINT' && type !== 'UHUGEINT')) {
    return integers(
      (sql) => `CAST(${sql} AS BIGINT)`,
      (sql) => `CAST(${sql} AS ${type})`,
    );
  }
  return TIMES.get(type);
}

/** True for types whose values can be added up: numbers, and conditions as 1 and 0. */
export function isSummable(type: string): boolean {
  return storageOf(type) !== undefined && !TIMES.has(type);
}
