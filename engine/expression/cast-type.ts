/** The types a cast may name, with the names other SQL dialects use for them. */
import type { Reader } from './reader.ts';

/** Canonical name, then its other names. */
const TYPE_NAMES: readonly string[] = [
  'BOOLEAN bool',
  'TINYINT int1',
  'SMALLINT int2 short',
  'INTEGER int int4 signed',
  'BIGINT int8 long',
  'HUGEINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'FLOAT float4 real',
  'DOUBLE float8',
  'DECIMAL dec numeric',
  'VARCHAR char string text',
  'DATE',
  'TIME',
  'INTERVAL',
  'TIMESTAMP datetime',
  'TIMESTAMPTZ',
  'TIMESTAMP_S',
  'TIMESTAMP_MS',
  'TIMESTAMP_NS',
];

const TYPES: ReadonlyMap<string, string> = new Map(
  TYPE_NAMES.flatMap((line) => {
    const names = line.split(' ');
    return names.map((name): [string, string] => [name.toLowerCase(), names[0]!]);
  }),
);

/** A type written as one word, with any number of `[]`, by its canonical name; anything else as it is. */
export function plainType(text: string): string {
  const [, word, brackets] = /^\s*(\w+)((?:\[\])*)\s*$/.exec(text) ?? [];
  const known = word === undefined ? undefined : TYPES.get(word.toLowerCase());
  return known === undefined ? text.trim() : known + brackets;
}

/** Types whose name before a text makes a constant: `DATE '2020-01-01'`. */
const CONSTANT_TYPES: readonly string[] = ['date', 'time', 'timestamp', 'timestamptz', 'interval'];

/** The type of a constant such as `DATE '2020-01-01'`; undefined when `word` does not start one. */
export function constantType(word: string): string | undefined {
  const lower = word.toLowerCase();
  return CONSTANT_TYPES.includes(lower) ? TYPES.get(lower) : undefined;
}

/** Reads a type: a known name, `DECIMAL(w, s)`, and any number of `[]`. */
export function readType(reader: Reader): string {
  const token = reader.take();
  const known = token.kind === 'name' ? TYPES.get(token.value.toLowerCase()) : undefined;
  if (known === undefined) {
    throw reader.fail(
      token,
      `unknown type ${token.value}`,
      'Types: boolean, integer, bigint, float, double, decimal(w, s), varchar, date, timestamp, interval.',
    );
  }
  let type = known;
  if (known === 'DOUBLE') reader.takeWord('precision');
  if (
    known === 'TIMESTAMP' &&
    reader.isWord('with') &&
    reader.isWord('time', 1) &&
    reader.isWord('zone', 2)
  ) {
    for (let i = 0; i < 3; i++) reader.take();
    type = 'TIMESTAMPTZ';
  }
  if (known === 'DECIMAL' && reader.takeSymbol('(')) {
    const width = readCount(reader);
    const scale = reader.takeSymbol(',') ? readCount(reader) : '0';
    reader.expectSymbol(')', 'after the type');
    type = `DECIMAL(${width}, ${scale})`;
  }
  while (reader.isSymbol('[') && reader.isSymbol(']', 1)) {
    reader.take();
    reader.take();
    type += '[]';
  }
  return type;
}

function readCount(reader: Reader): string {
  const token = reader.take();
  if (token.kind !== 'number' || !/^[0-9]{1,2}$/.test(token.value)) {
    throw reader.fail(token, 'a small whole number is expected in a type');
  }
  return token.value;
}
